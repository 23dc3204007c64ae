use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Event, Stream};

/// Something that could not be handled, to be looked at by a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDeadLetter {
    /// Who gave up on it: a consumer's name or a host's.
    pub source: String,
    /// A code, counted in metrics.
    pub reason: String,
    /// What happened, in plain words.
    pub words: String,
    /// How often it was tried.
    pub attempts: u32,
    /// Where a replay goes; without one it can only be read and discarded.
    pub stream: Option<Stream>,
    /// The event; for a call that could not be read, `data` is the raw body.
    pub event: Event,
}

/// A dead letter as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// Its number; letters are listed in this order.
    pub id: u64,
    /// What tells this death from all others: should a crash bring it twice, it is one letter.
    pub name: String,
    /// When it was given up. The first time it was seen is `letter.event.time`.
    pub at: DateTime<Utc>,
    /// What it says.
    pub letter: NewDeadLetter,
}

/// What a letter adds to its event, as stored.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Stamp {
    pub source: String,
    pub reason: String,
    pub words: String,
    pub attempts: u32,
    #[serde(default)]
    pub stream: Option<Stream>,
    pub subject: String,
    pub at: DateTime<Utc>,
}

impl NewDeadLetter {
    pub(crate) fn stamp(&self, at: DateTime<Utc>) -> Stamp {
        Stamp {
            source: self.source.clone(),
            reason: self.reason.clone(),
            words: self.words.chars().take(1_000).collect(),
            attempts: self.attempts,
            stream: self.stream,
            subject: self.event.subject.clone(),
            at,
        }
    }
}

impl Stamp {
    pub(crate) fn on(self, id: u64, dedup: &str, event: Event) -> DeadLetter {
        // A place in a stream is taken once, but for streams that were made anew; who calls from outside may do so again.
        let name = match self.stream {
            Some(_) => format!("{dedup}:{}", event.id),
            None => format!("{dedup}:{}", self.at.timestamp_micros()),
        };
        let event = Event { subject: self.subject, ..event };
        let letter = NewDeadLetter {
            source: self.source,
            reason: self.reason,
            words: self.words,
            attempts: self.attempts,
            stream: self.stream,
            event,
        };
        DeadLetter { id, name, at: self.at, letter }
    }
}
