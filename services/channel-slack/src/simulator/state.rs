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

/// A message's channel and its id there.
pub(super) type Place = (String, String);

/// All there is.
#[derive(Default)]
pub(super) struct State {
    /// Where the workspace itself listens.
    pub(super) base: String,
    /// The names of people.
    pub(super) people: BTreeMap<String, String>,
    /// What was said and is still there.
    pub(super) messages: BTreeMap<Place, Value>,
    /// The names of the app's reactions.
    pub(super) reactions: BTreeMap<Place, Vec<String>>,
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
    /// What was asked for, as it came; its text and blocks as they are now.
    pub message: Value,
    /// The app changed it.
    pub edited: bool,
    /// The app took it back.
    pub deleted: bool,
    /// The names of the app's own reactions to it.
    pub reactions: Vec<String>,
}

/// A reaction of the app, to whosever message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reaction {
    /// The channel.
    pub channel: String,
    /// The message's id there.
    pub ts: String,
    /// What Slack calls the sign.
    pub name: String,
}

impl Sent {
    pub(super) fn new(channel: String, ts: String, message: Value) -> Self {
        Self { channel, ts, message, edited: false, deleted: false, reactions: Vec::new() }
    }

    /// Takes over the words and blocks that are given.
    pub(super) fn edit(&mut self, given: &Value) {
        self.edited = true;
        for name in ["text", "blocks"] {
            if let (Some(fields), Some(value)) = (self.message.as_object_mut(), given.get(name)) {
                fields.insert(name.to_owned(), value.clone());
            }
        }
    }
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

    /// Drops a message, and gives it.
    pub(super) fn forget(&mut self, place: &Place) -> Option<Value> {
        self.reactions.remove(place);
        self.messages.remove(place)
    }

    /// The record of a message that the app wrote.
    pub(super) fn sent_message(&mut self, (channel, ts): &Place) -> Option<&mut Sent> {
        self.sent.iter_mut().rev().find(|sent| sent.channel == *channel && sent.ts == *ts)
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
