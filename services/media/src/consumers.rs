//! What the service listens to.

use std::{sync::Arc, time::Duration};

use weft_bus::{Bus, ConsumerSpec, Delivery, Outcome, Stream};
use weft_domain::{Error, ErrorCode, Result};
use weft_runtime::TaskSet;

use crate::app::Media;

mod on_at_hand;
mod on_message;

/// An outage is waited for, however long.
const MAX_ATTEMPTS: u32 = 100_000;
/// So often is tried what may be our own fault.
const MAX_FAULTS: u32 = 10;
const WAIT: Duration = Duration::from_secs(2);

/// The durable consumers the service reads with.
pub(crate) fn all() -> Vec<ConsumerSpec> {
    let showing = ["weft.events.*.message.*", "weft.events.*.canned_reply.*", "weft.events.*.macro.*"];
    let messages = ConsumerSpec::new("media-messages", Stream::Events, &showing);
    vec![ConsumerSpec { max_attempts: MAX_ATTEMPTS, ..messages }]
}

/// Runs them on these tasks.
pub(crate) async fn start(media: &Arc<Media>, bus: &Bus, tasks: &TaskSet) -> Result<()> {
    for spec in all() {
        for consumer in bus.consume(&spec).await? {
            let (media, stop) = (Arc::clone(media), tasks.stop_token());
            tasks.spawn_critical(spec.name.clone(), async move {
                consumer.run(stop, |batch| handle(&media, batch)).await
            });
        }
    }
    Ok(())
}

/// Notes what needs which files; again, that changes nothing.
async fn handle(media: &Media, batch: Vec<Delivery>) -> Vec<Outcome> {
    let mut outcomes = Vec::with_capacity(batch.len());
    for delivery in batch {
        let noted = match delivery.event.kind.as_str() {
            "weft.v1.message.created" | "weft.v1.message.updated" => {
                on_message::apply(media, &delivery).await
            }
            "weft.v1.canned_reply.updated" => on_at_hand::apply_canned_reply(media, &delivery).await,
            "weft.v1.macro.updated" => on_at_hand::apply_macro(media, &delivery).await,
            // `message.hidden` is about somebody's sight
            _ => Ok(()),
        };
        outcomes.push(match noted {
            Ok(()) => Outcome::Done,
            Err(error) => weigh(delivery.attempts, &error),
        });
    }
    outcomes
}

/// What cannot pass is put aside at once; what may be our own fault, after some attempts; an outage is waited for.
fn weigh(attempts: u32, error: &Error) -> Outcome {
    let passes = match error.code() {
        ErrorCode::Internal | ErrorCode::Conflict => attempts < MAX_FAULTS,
        code => code.is_transient(),
    };
    if passes {
        Outcome::Retry { after: WAIT, reason: error.reason().to_owned() }
    } else {
        Outcome::Dead { reason: error.reason().to_owned(), words: error.message().to_owned() }
    }
}
