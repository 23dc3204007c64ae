use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;
use tokio::time::Instant;
use url::Url;
use weft_channel::simulation::Records;

use super::{Fault, pusher::Push};

/// Slack leaves out what is more in an hour.
const MOST_PUSHES: usize = 30_000;

/// Messages at once in one channel; then one a second.
const BURST: f64 = 10.0;

/// All there is.
#[derive(Default)]
pub(super) struct State {
    /// Where the workspace itself listens.
    pub(super) base: String,
    /// The names of people.
    pub(super) people: BTreeMap<String, String>,
    /// What was said and is still there, by channel and id.
    pub(super) messages: BTreeMap<(String, String), Value>,
    /// Files by id: name, type and content.
    pub(super) files: BTreeMap<String, StoredFile>,
    pub(super) sent: Records<Sent>,
    /// Where the app's console says to call, once somebody entered it.
    pub(super) webhook: Option<Url>,
    /// What is still to be delivered, oldest first.
    pub(super) pushes: VecDeque<Push>,
    pub(super) faults: VecDeque<Fault>,
    buckets: BTreeMap<String, (f64, Instant)>,
    last_id: u64,
}

#[derive(Clone)]
pub(super) struct StoredFile {
    pub(super) name: String,
    pub(super) mime: &'static str,
    /// How long it was said to be.
    pub(super) length: usize,
    /// None until it was put up.
    pub(super) content: Option<Bytes>,
}

/// A message that the app wrote.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sent {
    /// The channel.
    pub channel: String,
    /// Its id there; empty for a file.
    pub ts: String,
    /// What was asked for, as it came.
    pub message: Value,
}

impl State {
    /// The next number of this workspace.
    pub(super) fn next(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// The next id of a message: a time that nobody else has.
    pub(super) fn next_ts(&mut self) -> String {
        let micros = self.next() % 1_000_000;
        format!("{}.{micros:06}", chrono::Utc::now().timestamp())
    }

    /// The channel of a person's direct messages with the app.
    pub(super) fn direct(person: &str) -> String {
        format!("D{}", person.trim_start_matches('U'))
    }

    /// Whether the app is in a channel.
    pub(super) fn knows(&self, channel: &str) -> bool {
        self.people.keys().any(|person| Self::direct(person) == channel)
            || self.messages.keys().any(|(place, _)| place == channel)
    }

    /// Takes a place in a channel's rate; false when there is none.
    pub(super) fn may_post(&mut self, channel: &str) -> bool {
        let now = Instant::now();
        let (tokens, at) = self.buckets.entry(channel.to_owned()).or_insert((BURST, now));
        *tokens = (*tokens + now.duration_since(*at).as_secs_f64()).min(BURST);
        *at = now;
        let may = *tokens >= 1.0;
        if may {
            *tokens -= 1.0;
        }
        may
    }

    /// Puts one behind those that are to be delivered.
    pub(super) fn push(&mut self, push: Push) {
        if self.pushes.len() < MOST_PUSHES {
            self.pushes.push_back(push);
        }
    }
}
