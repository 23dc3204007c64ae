use std::time::Duration;

use crate::{Event, pulse::Grip};

/// An event handed to a consumer.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The event.
    pub event: Event,
    /// Its place in its stream.
    pub cursor: u64,
    /// The how-manieth attempt this is; 1 is the first.
    pub attempts: u32,
    /// Which life of its consumer it is of: a broker that lost its disk counts from 1 again.
    pub(crate) life: u32,
    /// None where only this process can have it.
    pub(crate) grip: Option<Grip>,
}

/// Where an event stands among all that a consumer was ever given: its life, and its cursor in the stream of that life.
pub(crate) type Place = (u32, u64);

impl Delivery {
    pub(crate) fn place(&self) -> Place {
        (self.life, self.cursor)
    }

    /// Whether another replica may have been given it meanwhile, because this process stood still since it was taken. Whoever
    /// is about to do what cannot be done twice asks.
    pub fn may_be_elsewhere(&self) -> bool {
        self.grip.as_ref().is_some_and(Grip::may_be_lost)
    }
}

/// What became of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Its effect is durable; it does not come again.
    Done,
    /// It comes again after `after`; later events of its key wait. At the last attempt it becomes a dead letter.
    Retry {
        /// How long to wait, at least 50 ms.
        after: Duration,
        /// A code for the logs and the dead letter.
        reason: String,
    },
    /// It will never work: it becomes a dead letter, and the next event of its key goes on.
    Dead {
        /// A code, counted in metrics.
        reason: String,
        /// What happened, in plain words.
        words: String,
    },
}

/// An event an engine took out for a consumer.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub delivery: Delivery,
    /// Where the broker wants its answer.
    pub ack_to: String,
    /// Why it cannot be handed to anybody.
    pub fault: Option<String>,
    /// It was out before and nobody knows what became of it: it may be what ended the process.
    pub suspect: bool,
}
