//! What a batch adds to the rollup.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{durations::Durations, figure::Figure, slot};

/// What a number of the rollup belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) slot: i64,
    pub(crate) channel: Uuid,
    /// Nil is nobody.
    pub(crate) agent: Uuid,
}

impl Place {
    pub(crate) fn new(at: DateTime<Utc>, channel: Uuid, agent: Option<Uuid>) -> Self {
        Self { slot: slot::of(at), channel, agent: agent.unwrap_or_default() }
    }
}

/// What is to be added, by place, figure and bucket. In order, so that two writers never wait for each other in a circle.
pub(crate) struct Tally<'a> {
    durations: &'a Durations,
    /// What lies before is known already.
    since: Option<i64>,
    pub(crate) sums: BTreeMap<(Place, Figure, i64), i64>,
}

impl<'a> Tally<'a> {
    pub(crate) fn new(durations: &'a Durations, since: Option<i64>) -> Self {
        Self { durations, since, sums: BTreeMap::new() }
    }

    /// One more.
    pub(crate) fn count(&mut self, place: Place, figure: Figure) {
        self.add(place, figure, 0, 1);
    }

    /// One more that took from `begin` to `end`.
    pub(crate) fn time(
        &mut self,
        place: Place,
        (figure, total): (Figure, Figure),
        begin: DateTime<Utc>,
        end: DateTime<Utc>,
    ) {
        let ms = (end - begin).num_milliseconds().max(0);
        self.add(place, figure, self.durations.bucket(ms), 1);
        self.add(place, total, 0, ms);
    }

    fn add(&mut self, place: Place, figure: Figure, bucket: i64, value: i64) {
        if self.since.is_none_or(|since| place.slot >= since) {
            *self.sums.entry((place, figure, bucket)).or_default() += value;
        }
    }
}
