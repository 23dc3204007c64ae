//! What the service listens to.

use std::time::Duration;

use weft_bus::{ConsumerSpec, Outcome, Stream};
use weft_domain::{Error, ErrorCode};

pub(crate) mod on_change;

const CHANGES: &str = "analytics-changes";
const FILTERS: [&str; 4] = [
    "weft.events.*.conversation.*",
    "weft.events.*.message.*",
    "weft.events.*.channel.*",
    "weft.events.*.user.*",
];
/// An outage is waited for, however long: an hour without a database must not end in wrong figures.
const MAX_ATTEMPTS: u32 = 100_000;
/// So often is tried what may be our own fault.
const MAX_FAULTS: u32 = 10;
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// The consumer of all that is counted.
pub(crate) fn changes(batch: usize) -> ConsumerSpec {
    ConsumerSpec { batch, max_attempts: MAX_ATTEMPTS, ..ConsumerSpec::new(CHANGES, Stream::Events, &FILTERS) }
}

/// What cannot pass is put aside at once; what may be our own fault, after some attempts; an outage is waited for.
fn weigh(attempts: u32, error: &Error) -> Outcome {
    let passes = match error.code() {
        ErrorCode::Internal | ErrorCode::Conflict => attempts < MAX_FAULTS,
        code => code.is_transient(),
    };
    if passes { later(attempts, error) } else { dead(error) }
}

fn dead(error: &Error) -> Outcome {
    Outcome::Dead { reason: error.reason().to_owned(), words: error.message().to_owned() }
}

/// Tries again, after longer and longer waits.
fn later(attempts: u32, error: &Error) -> Outcome {
    let after = FIRST_WAIT.saturating_mul(attempts.max(1)).min(LONGEST_WAIT);
    Outcome::Retry { after, reason: error.reason().to_owned() }
}
