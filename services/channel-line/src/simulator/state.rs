use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;
use serde_json::Value;
use url::Url;
use weft_channel::simulation::{PNG, Records};

use super::Fault;

/// All there is.
#[derive(Default)]
pub(super) struct State {
    pub(super) customers: BTreeMap<String, Customer>,
    pub(super) webhook: Option<Url>,
    pub(super) sent: Records<Sent>,
    /// The answers of pushes, by retry key.
    pub(super) pushed: BTreeMap<String, Value>,
    /// The files of messages, and how often they are still being prepared.
    pub(super) files: BTreeMap<String, (&'static str, u32)>,
    pub(super) typing: Vec<String>,
    pub(super) read: Vec<String>,
    /// What is still to be delivered, oldest first.
    pub(super) pushes: VecDeque<Value>,
    pub(super) faults: VecDeque<Fault>,
    last_id: u64,
}

/// Somebody who writes.
#[derive(Clone, Debug, Default)]
pub(super) struct Customer {
    pub(super) name: String,
    pub(super) blocked: bool,
}

/// A message that the account sent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sent {
    /// Its id.
    pub id: String,
    /// The user, group or room.
    pub to: String,
    /// The message object.
    pub message: Value,
}

impl State {
    /// The next id of a message.
    pub(super) fn next_id(&mut self) -> String {
        self.last_id += 1;
        (600_000_000_000_000_000 + self.last_id).to_string()
    }
}

/// What a file of this type holds: enough for its type to be seen.
pub(super) fn sample(mime: &str) -> &'static [u8] {
    match mime {
        "image/png" => PNG,
        _ => b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom",
    }
}
