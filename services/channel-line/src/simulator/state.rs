use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use url::Url;

use super::Fault;

/// All there is.
#[derive(Default)]
pub(super) struct State {
    pub(super) customers: BTreeMap<String, Customer>,
    pub(super) webhook: Option<Url>,
    pub(super) sent: Vec<Sent>,
    /// The answers of pushes, by retry key.
    pub(super) pushed: BTreeMap<String, Value>,
    /// The files of messages, and how often they are still being prepared.
    pub(super) files: BTreeMap<String, (&'static str, u32)>,
    pub(super) typing: Vec<String>,
    pub(super) read: Vec<String>,
    pub(super) faults: Vec<Fault>,
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

/// One pixel.
const PNG: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0,
    0, 1, 8, 6, 0, 0, 0, 0x1f, 0x15, 0xc4, 0x89, 0, 0, 0, 0x0a, b'I', b'D', b'A', b'T', 0x78, 0x9c, 0x63, 0,
    1, 0, 0, 5, 0, 1, 0x0d, 0x0a, 0x2d, 0xb4, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];
