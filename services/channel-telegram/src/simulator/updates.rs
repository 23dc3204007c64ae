use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::time::Instant;

/// How long an update waits to be taken.
const KEPT: Duration = Duration::from_hours(24);
/// Kinds that are only sent when asked for.
const ON_REQUEST: [&str; 3] = ["chat_member", "message_reaction", "message_reaction_count"];

/// Updates of one chat and class are delivered one after the other.
pub(super) type QueueKey = (i64, Class);

/// Messages and everything else wait in different queues, so one may overtake the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Class {
    Message,
    Other,
}

#[derive(Clone, Debug)]
pub(super) struct Update {
    pub(super) id: i64,
    pub(super) body: Value,
    created: Instant,
    pub(super) attempts: u32,
}

#[derive(Debug, Default)]
pub(super) struct Queue {
    pub(super) updates: VecDeque<Update>,
    pub(super) in_flight: bool,
    pub(super) not_before: Option<Instant>,
}

/// What waits to be told to the bot.
#[derive(Debug)]
pub(super) struct Updates {
    next_id: i64,
    pub(super) allowed: Vec<String>,
    pub(super) queues: HashMap<QueueKey, Queue>,
}

impl Updates {
    pub(super) fn new(first_id: i64) -> Self {
        Self { next_id: first_id, allowed: Vec::new(), queues: HashMap::new() }
    }

    /// Adds an update, if the bot wants its kind.
    pub(super) fn push(&mut self, chat: i64, kind: &str, content: Value) -> Option<i64> {
        let wanted = match self.allowed.is_empty() {
            true => !ON_REQUEST.contains(&kind),
            false => self.allowed.iter().any(|allowed| allowed == kind),
        };
        if !wanted {
            return None;
        }
        let id = self.next_id;
        self.next_id += 1;
        let class = if kind.ends_with("message") { Class::Message } else { Class::Other };
        let mut body = json!({"update_id": id});
        if let Some(fields) = body.as_object_mut() {
            fields.insert(kind.to_owned(), content);
        }
        let update = Update { id, body, created: Instant::now(), attempts: 0 };
        self.queues.entry((chat, class)).or_default().updates.push_back(update);
        Some(id)
    }

    pub(super) fn pending(&self) -> usize {
        self.queues.values().map(|queue| queue.updates.len()).sum()
    }

    pub(super) fn clear(&mut self) {
        self.queues.retain(|_, queue| {
            queue.updates.clear();
            queue.in_flight
        });
    }

    /// Drops what nobody took within a day.
    pub(super) fn expire(&mut self) {
        for queue in self.queues.values_mut().filter(|queue| !queue.in_flight) {
            while queue.updates.front().is_some_and(|update| update.created.elapsed() >= KEPT) {
                queue.updates.pop_front();
            }
        }
        self.queues.retain(|_, queue| queue.in_flight || !queue.updates.is_empty());
    }

    /// The updates from an offset on; a negative one counts from the end. Everything before is forgotten.
    pub(super) fn take_from(&mut self, offset: i64, limit: usize) -> Vec<Value> {
        self.expire();
        let mut ids: Vec<i64> =
            self.queues.values().flat_map(|queue| &queue.updates).map(|update| update.id).collect();
        ids.sort_unstable();
        let first = match usize::try_from(offset.unsigned_abs()) {
            Ok(count) if offset < 0 => ids.iter().rev().nth(count.saturating_sub(1)).or(ids.first()).copied(),
            _ => Some(offset),
        };
        let first = first.unwrap_or_default();
        for queue in self.queues.values_mut() {
            queue.updates.retain(|update| update.id >= first);
        }
        let mut updates: Vec<&Update> = self.queues.values().flat_map(|queue| &queue.updates).collect();
        updates.sort_by_key(|update| update.id);
        updates.into_iter().take(limit).map(|update| update.body.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asking_with_an_offset_confirms_everything_before_it() {
        let mut updates = Updates::new(5);
        for chat in [1, 2, 1, 3] {
            updates.push(chat, "message", json!({}));
        }
        let ids = |taken: Vec<Value>| {
            taken.iter().map(|update| update["update_id"].as_i64().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(ids(updates.take_from(0, 2)), [5, 6]);
        assert_eq!(ids(updates.take_from(6, 100)), [6, 7, 8]);
        assert_eq!(ids(updates.take_from(0, 100)), [6, 7, 8]);
        assert_eq!(ids(updates.take_from(-1, 100)), [8]);
        assert_eq!(updates.pending(), 1);
    }

    #[test]
    fn reactions_come_only_when_asked_for() {
        let mut updates = Updates::new(5);
        assert_eq!(updates.push(1, "message_reaction", json!({})), None);
        updates.allowed = vec!["message_reaction".to_owned()];
        assert!(updates.push(1, "message_reaction", json!({})).is_some());
        assert_eq!(updates.push(1, "message", json!({})), None);
    }
}
