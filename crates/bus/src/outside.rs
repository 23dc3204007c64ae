use std::time::Duration;

use chrono::{DateTime, Utc};
use weft_domain::{Error, Result};

use crate::{Stream, subject};

/// A program outside the fleet that reads `EVENTS` with a NATS client of its own, through a durable consumer that is made
/// for it: it may make none itself, since one that names a delivery subject would write where its maker may not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutsideReader {
    /// What it is called; its consumer and its NATS user are `reader-<name>`.
    pub name: String,
    /// The subjects it reads.
    pub filters: Vec<String>,
    /// Where it begins; none: with the oldest event there is. Another instant makes its consumer anew.
    pub since: Option<DateTime<Utc>>,
    /// After so much silence an event is given again.
    pub ack_wait: Duration,
}

impl OutsideReader {
    /// What the names of all their consumers begin with.
    pub const PREFIX: &str = "reader-";
    /// The usual patience.
    pub const ACK_WAIT: Duration = Duration::from_secs(30);
    /// So many events may be out at once.
    pub const MAX_ACK_PENDING: usize = 512;

    /// The name of its consumer.
    pub fn consumer(&self) -> String {
        format!("{}{}", Self::PREFIX, self.name)
    }

    /// Refuses a name that is no name, and subjects of other streams.
    pub fn check(&self) -> Result<()> {
        let wrong =
            |field: &str, words: &str| Err(Error::invalid("invalid_consumer", words).with_field(field));
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
        if self.name.is_empty() || self.name.len() > 32 || !self.name.chars().all(plain) {
            return wrong("name", "a reader's name is 1 to 32 lower-case letters, digits, `-` and `_`");
        }
        let prefix = Stream::Events.prefix();
        if self.filters.is_empty() || self.filters.iter().any(|filter| !filter.starts_with(prefix)) {
            return wrong("filters", "a reader names at least one subject, all of `EVENTS`");
        }
        if self.ack_wait.is_zero() {
            return wrong("ack_wait", "a reader needs at least a second to acknowledge");
        }
        self.filters.iter().try_for_each(|filter| subject::check_pattern(filter))
    }
}
