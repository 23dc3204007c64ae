//! The provider's JSON, as far as we use it. Unknown fields are ignored.

use serde::Deserialize;
use serde_json::Value;

/// A webhook: several things that happened, in order. Each is read on its own.
#[derive(Deserialize)]
pub(crate) struct Batch {
    pub(crate) events: Vec<Value>,
}

#[derive(Deserialize)]
pub(crate) struct Event {
    pub(crate) id: String,
    /// In seconds since 1970.
    pub(crate) at: i64,
    pub(crate) from: Contact,
    #[serde(flatten)]
    pub(crate) what: What,
}

#[derive(Deserialize)]
pub(crate) struct Contact {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) name: String,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum What {
    Message {
        message: Message,
    },
    Delivered {
        message_id: String,
    },
    #[serde(other)]
    Unknown,
}

#[derive(Deserialize)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) text: String,
    pub(crate) reply_to: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Accepted {
    pub(crate) id: String,
}

#[derive(Deserialize)]
pub(crate) struct Refused {
    pub(crate) error: String,
    #[serde(default)]
    pub(crate) message: String,
}
