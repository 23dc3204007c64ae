//! What the Gmail API says, as it is documented.

use chrono::{DateTime, Utc};
use serde::Deserialize;

/// The mailbox.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Profile {
    pub(super) email_address: String,
    pub(super) history_id: Number,
}

/// A label.
#[derive(Debug, Deserialize)]
pub(super) struct Label {}

/// A page of what happened.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct History {
    #[serde(default)]
    pub(super) history: Vec<Record>,
    pub(super) history_id: Number,
    pub(super) next_page_token: Option<String>,
}

/// One thing that happened.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record {
    pub(super) id: Number,
    #[serde(default)]
    pub(super) messages_added: Vec<Added>,
    #[serde(default)]
    pub(super) labels_added: Vec<Added>,
}

/// A mail that came, or came under a label.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Added {
    pub(super) message: Named,
    /// The labels it came under.
    #[serde(default)]
    pub(super) label_ids: Vec<String>,
}

/// A page of mails.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Listed {
    #[serde(default)]
    pub(super) messages: Vec<Named>,
    pub(super) next_page_token: Option<String>,
}

/// A mail of which little is said.
#[derive(Debug, Deserialize)]
pub(super) struct Named {
    pub(super) id: String,
}

/// A mail.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Message {
    pub(super) id: String,
    pub(super) thread_id: Option<String>,
    #[serde(default)]
    pub(super) size_estimate: u32,
    /// Milliseconds.
    internal_date: Option<Number>,
    pub(super) raw: Option<String>,
    #[serde(default)]
    snippet: String,
    payload: Option<Payload>,
}

#[derive(Debug, Deserialize)]
struct Payload {
    #[serde(default)]
    headers: Vec<Header>,
}

#[derive(Debug, Deserialize)]
struct Header {
    name: String,
    value: String,
}

/// What a call of `watch` gives.
#[derive(Debug, Deserialize)]
pub(super) struct Watched {}

/// A 64-bit number, which comes as text.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Number(pub(super) u64);

impl TryFrom<String> for Number {
    type Error = std::num::ParseIntError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(Self)
    }
}

impl Message {
    /// When Google took it.
    pub(super) fn arrived(&self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_millis(self.internal_date?.0.try_into().ok()?)
    }

    /// A mail of its headers and first words.
    pub(super) fn beginning(&self) -> Vec<u8> {
        let headers = self.payload.as_ref().map(|payload| payload.headers.as_slice()).unwrap_or_default();
        let of_parts = |header: &&Header| {
            let name = header.name.to_lowercase();
            !name.starts_with("content-") && name != "mime-version"
        };
        let one_line = |text: &str| text.replace(['\r', '\n'], " ");
        let lines = headers.iter().filter(of_parts);
        let mut mail: String =
            lines.map(|header| format!("{}: {}\r\n", header.name, one_line(&header.value))).collect();
        // the words come escaped
        mail.push_str("Content-Type: text/html; charset=utf-8\r\n\r\n");
        mail.push_str(&self.snippet);
        mail.into_bytes()
    }
}
