//! What the service listens to.

use std::{sync::Arc, time::Duration};

use weft_bus::{Bus, ConsumerSpec, Outcome, Stream};
use weft_domain::{Error, ErrorCode, Result};
use weft_runtime::TaskSet;

use crate::Context;

mod on_message;

const MESSAGES: &str = "voice-messages";
/// How many messages are heard or answered at the same time; their programs wait for each other besides.
const BATCH: usize = 8;
/// A provider that is away is waited for, for about half a day.
const MAX_ATTEMPTS: u32 = 720;
/// So often is tried what may be our own fault.
const MAX_FAULTS: u32 = 5;
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// The durable consumers the service reads with.
pub fn consumers() -> Vec<ConsumerSpec> {
    let messages = ConsumerSpec::new(MESSAGES, Stream::Events, &["weft.events.*.message.*"]);
    vec![ConsumerSpec { batch: BATCH, max_attempts: MAX_ATTEMPTS, ..messages }]
}

/// Runs them on these tasks.
pub(crate) async fn start(context: &Arc<Context>, bus: &Bus, tasks: &TaskSet) -> Result<()> {
    for spec in consumers() {
        for consumer in bus.consume(&spec).await? {
            let (context, stop) = (context.clone(), tasks.stop_token());
            tasks.spawn_critical(spec.name.clone(), async move {
                consumer.run(stop, |batch| on_message::handle(&context, batch)).await
            });
        }
    }
    Ok(())
}

/// What cannot pass is put aside at once; what may be our own fault, after some attempts; an outage is waited for.
fn weigh(attempts: u32, error: &Error) -> Outcome {
    let passes = match error.code() {
        ErrorCode::Internal | ErrorCode::Conflict => attempts < MAX_FAULTS,
        code => code.is_transient(),
    };
    if !passes {
        return Outcome::Dead { reason: error.reason().to_owned(), words: error.message().to_owned() };
    }
    let after = FIRST_WAIT.saturating_mul(attempts.max(1)).min(LONGEST_WAIT);
    Outcome::Retry { after, reason: error.reason().to_owned() }
}
