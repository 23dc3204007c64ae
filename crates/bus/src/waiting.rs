//! What a consumer holds: events that wait for their turn, in the order of the stream.

use std::collections::{BTreeMap, HashSet};

use tokio::time::Instant;

use crate::{
    Delivery,
    delivery::{Fetched, Place},
};

/// An event that is out.
#[derive(Debug)]
pub(crate) struct Held {
    pub delivery: Delivery,
    pub ack_to: String,
    /// Not before; `None` is now.
    pub due: Option<Instant>,
    /// May bring down what handles it, so nothing else goes with it.
    pub alone: bool,
    /// Its dead letter is written.
    pub buried: bool,
}

impl Held {
    pub(crate) fn cursor(&self) -> u64 {
        self.delivery.cursor
    }

    pub(crate) fn place(&self) -> Place {
        self.delivery.place()
    }
}

impl From<Fetched> for Held {
    fn from(fetched: Fetched) -> Self {
        Self {
            delivery: fetched.delivery,
            ack_to: fetched.ack_to,
            due: None,
            alone: fetched.suspect,
            buried: false,
        }
    }
}

/// The held events of one consumer.
#[derive(Debug)]
pub(crate) struct Waiting {
    held: BTreeMap<Place, Held>,
    batch: usize,
    capacity: usize,
    several_per_key: bool,
}

impl Waiting {
    pub(crate) fn new(batch: usize, capacity: usize, several_per_key: bool) -> Self {
        Self { held: BTreeMap::new(), batch, capacity, several_per_key }
    }

    /// Takes an event in; one that is here already only tells where its answer goes now.
    pub(crate) fn put(&mut self, held: Held) {
        match self.held.get_mut(&held.place()) {
            Some(known) => known.ack_to = held.ack_to,
            None => _ = self.held.insert(held.place(), held),
        }
    }

    pub(crate) fn room(&self) -> usize {
        self.capacity.saturating_sub(self.held.len())
    }

    pub(crate) fn fullness(&self) -> f64 {
        let percent = u32::try_from(self.held.len() * 100 / self.capacity.max(1)).unwrap_or(100);
        f64::from(percent) / 100.0
    }

    /// Takes out what may be handled now: the oldest first, and nothing of a key with an older event still here.
    pub(crate) fn take_ready(&mut self, now: Instant) -> Vec<Held> {
        let mut taken = Vec::new();
        let mut blocked = HashSet::new();
        for held in self.held.values() {
            if taken.len() == self.batch {
                break;
            }
            let key = held.delivery.event.key.as_str();
            let ordered = !key.is_empty();
            if ordered && blocked.contains(key) {
                continue;
            }
            let ready = (taken.is_empty() || !held.alone) && held.due.is_none_or(|due| due <= now);
            if ready {
                taken.push(held.place());
            }
            if ordered && !(ready && self.several_per_key) {
                blocked.insert(key);
            }
            if ready && held.alone {
                break;
            }
        }
        taken.iter().filter_map(|place| self.held.remove(place)).collect()
    }

    /// When the next event that waits for a time may be handled.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.held.values().filter_map(|held| held.due).min()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Held> {
        self.held.values()
    }

    pub(crate) fn drain(&mut self) -> Vec<Held> {
        std::mem::take(&mut self.held).into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;
    use chrono::DateTime;

    use super::*;
    use crate::Event;

    fn held(cursor: u64, key: &str) -> Held {
        let event = Event {
            id: cursor.to_string(),
            kind: "test".into(),
            source: "/test".into(),
            subject: "weft.in.1.test".into(),
            key: key.into(),
            tenant: None,
            time: DateTime::UNIX_EPOCH,
            traceparent: None,
            tracestate: None,
            data: Bytes::new(),
        };
        Held {
            delivery: Delivery { event, cursor, attempts: 1, life: 0, grip: None },
            ack_to: String::new(),
            due: None,
            alone: false,
            buried: false,
        }
    }

    #[test]
    fn a_new_life_counts_from_one_and_comes_after_the_one_before() {
        let now = Instant::now();
        let mut waiting = Waiting::new(10, 64, false);
        waiting.put(held(7, "a"));
        for cursor in [1, 7] {
            let mut held = held(cursor, "a");
            (held.delivery.life, held.delivery.event.id) = (1, format!("new {cursor}"));
            waiting.put(held);
        }
        let mut order = Vec::new();
        while let [held] = &waiting.take_ready(now)[..] {
            order.push(held.delivery.event.id.clone());
        }
        assert_eq!(order, ["7", "new 1", "new 7"]);
    }

    fn cursors(taken: &[Held]) -> Vec<u64> {
        taken.iter().map(Held::cursor).collect()
    }

    #[test]
    fn a_key_that_waits_holds_its_later_events_and_no_others() {
        let now = Instant::now();
        let later = now + Duration::from_secs(1);
        let mut waiting = Waiting::new(10, 64, false);
        waiting.put(Held { due: Some(later), ..held(1, "a") });
        for (cursor, key) in [(2, "b"), (3, "a"), (4, "b"), (5, ""), (6, "")] {
            waiting.put(held(cursor, key));
        }
        assert_eq!(cursors(&waiting.take_ready(now)), [2, 5, 6]);
        assert_eq!(cursors(&waiting.take_ready(now)), [4]);
        assert!(waiting.take_ready(now).is_empty());
        assert_eq!(waiting.next_due(), Some(later));
        assert_eq!(cursors(&waiting.take_ready(later)), [1]);
        assert_eq!(cursors(&waiting.take_ready(later)), [3]);
    }

    #[test]
    fn a_suspect_goes_alone() {
        let now = Instant::now();
        let mut waiting = Waiting::new(10, 64, false);
        for (cursor, alone) in [(1, false), (2, true), (3, false)] {
            waiting.put(Held { alone, ..held(cursor, "") });
        }
        assert_eq!(cursors(&waiting.take_ready(now)), [1, 3]);
        assert_eq!(cursors(&waiting.take_ready(now)), [2]);
    }

    #[test]
    fn several_of_a_key_go_together_when_asked_for() {
        let now = Instant::now();
        let mut waiting = Waiting::new(2, 64, true);
        for cursor in 1..=3 {
            waiting.put(held(cursor, "a"));
        }
        assert_eq!(cursors(&waiting.take_ready(now)), [1, 2]);
        waiting.put(Held { due: Some(now + Duration::from_secs(1)), ..held(1, "a") });
        assert!(waiting.take_ready(now).is_empty());
    }
}
