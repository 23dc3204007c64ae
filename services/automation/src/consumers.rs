//! What the service listens to.

use std::{sync::Arc, time::Duration};

use weft_bus::{Bus, ConsumerSpec, Delivery, Outcome, Stream};
use weft_domain::{Error, ErrorCode, Result, TenantId, id};
use weft_runtime::TaskSet;

use crate::Context;

mod on_conversation;
mod on_message;
mod on_user;

const CONVERSATIONS: &str = "automation-conversations";
const MESSAGES: &str = "automation-messages";
const USERS: &str = "automation-users";
/// How many conversations' events are taken note of in one transaction at most.
const BATCH: usize = 256;

/// An outage is waited for, however long.
const MAX_ATTEMPTS: u32 = 100_000;
/// So often is tried what may be our own fault.
const MAX_FAULTS: u32 = 10;
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// The durable consumers the service reads with.
pub fn consumers() -> Vec<ConsumerSpec> {
    let patient = |name, filter| ConsumerSpec {
        batch: BATCH,
        max_attempts: MAX_ATTEMPTS,
        ..ConsumerSpec::new(name, Stream::Events, &[filter])
    };
    vec![
        patient(CONVERSATIONS, "weft.events.*.conversation.*"),
        patient(MESSAGES, "weft.events.*.message.created"),
        patient(USERS, "weft.events.*.user.*"),
    ]
}

/// Runs them on these tasks.
pub(crate) async fn start(context: &Arc<Context>, bus: &Bus, tasks: &TaskSet) -> Result<()> {
    for spec in consumers() {
        for consumer in bus.consume(&spec).await? {
            let (context, stop, name) = (context.clone(), tasks.stop_token(), spec.name.clone());
            tasks.spawn_critical(spec.name.clone(), async move {
                match name.as_str() {
                    USERS => consumer.run(stop, |batch| on_user::handle(&context, batch)).await,
                    MESSAGES => {
                        let consumer = consumer.several_per_key();
                        consumer.run(stop, |batch| on_message::handle(&context, batch)).await
                    }
                    _ => consumer.run(stop, |batch| on_conversation::handle(&context, batch)).await,
                }
            });
        }
    }
    Ok(())
}

fn tenant(delivery: &Delivery) -> Result<TenantId> {
    id::parse("tenant", delivery.event.tenant.as_deref().unwrap_or_default())
}

fn missing(what: &str) -> Error {
    Error::invalid("unreadable_event", format!("the event has no `{what}`"))
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

fn set(outcomes: &mut [Outcome], index: usize, outcome: Outcome) {
    if let Some(place) = outcomes.get_mut(index) {
        *place = outcome;
    }
}
