//! What the service listens to.

use std::time::Duration;

use weft_bus::{ConsumerSpec, Outcome, Stream};
use weft_domain::{Error, ErrorCode};

pub(crate) mod on_conversation_changed;
pub(crate) mod on_inbound;
pub(crate) mod on_name_changed;
pub(crate) mod on_searchable_changed;
pub(crate) mod on_team_changed;
mod tell_typing;

/// Into how many parts intake is split: so many replicas can share it. A divisor of the number of partitions.
pub(crate) const INTAKE_SHARDS: u16 = 8;
/// The consumer of what adapters bring.
pub(crate) const INBOUND: &str = "conversation-in";
/// The consumer of channels' and users' names.
pub(crate) const NAMES: &str = "conversation-names";

/// The consumer of teams and who is in them.
pub(crate) const TEAMS: &str = "conversation-teams";

/// The consumer of what happens to conversations, for the views.
pub(crate) const VIEWS: &str = "conversation-views";

/// The consumer of what can be found, for the search.
pub(crate) const SEARCH: &str = "conversation-search";

/// An outage is waited for, however long: an hour without a database must not end in a million dead letters.
const MAX_ATTEMPTS: u32 = 100_000;
/// So often is tried what may be our own fault.
const MAX_FAULTS: u32 = 10;
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// A consumer that outlasts an outage; handlers themselves put aside what cannot pass.
pub(crate) fn patient(name: &str, stream: Stream, filters: &[&str]) -> ConsumerSpec {
    ConsumerSpec { max_attempts: MAX_ATTEMPTS, ..ConsumerSpec::new(name, stream, filters) }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_is_waited_for_and_a_fault_only_for_a_while() {
        let down = Error::unavailable("database_unavailable");
        assert!(matches!(weigh(10_000, &down), Outcome::Retry { after: LONGEST_WAIT, .. }));
        assert!(matches!(weigh(1, &down), Outcome::Retry { after: FIRST_WAIT, .. }));
        let fault = Error::internal("a fault");
        assert!(matches!(weigh(9, &fault), Outcome::Retry { .. }));
        assert!(matches!(weigh(10, &fault), Outcome::Dead { .. }));
        assert!(matches!(weigh(1, &Error::not_found("message")), Outcome::Dead { .. }));
        let spec = patient("test", Stream::In, &["weft.in.>"]);
        let shortest = LONGEST_WAIT.saturating_mul(spec.max_attempts);
        assert!(shortest > Duration::from_secs(24 * 3600), "the bus gives up later than a day");
    }
}
