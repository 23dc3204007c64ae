//! What Twilio sends and answers; only what we use.

use std::collections::BTreeMap;

use serde::Deserialize;
use url::form_urlencoded;

/// The fields of a webhook; those not known are kept, for messages that cannot be shown.
#[derive(Debug, Default)]
pub(crate) struct Fields(BTreeMap<String, String>);

impl Fields {
    pub(crate) fn read(form: &[u8]) -> Self {
        Self(form_urlencoded::parse(form).into_owned().collect())
    }

    /// A field that says something.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    pub(crate) fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.get(name)?.trim().parse().ok()
    }

    /// All of it, as JSON.
    pub(crate) fn raw(&self) -> String {
        serde_json::to_string(&self.0).unwrap_or_default()
    }
}

/// A message that was taken.
#[derive(Debug, Deserialize)]
pub(crate) struct SentMessage {
    pub(crate) sid: String,
}

/// What a refused call answers.
#[derive(Debug, Deserialize)]
pub(crate) struct Refusal {
    pub(crate) code: u32,
}

/// The account.
#[derive(Debug, Deserialize)]
pub(crate) struct AccountResource {
    #[serde(default)]
    pub(crate) friendly_name: String,
    #[serde(default)]
    pub(crate) status: String,
}

/// The account's numbers.
#[derive(Debug, Deserialize)]
pub(crate) struct Numbers {
    pub(crate) incoming_phone_numbers: Vec<Resource>,
}

/// Anything of which only the name matters.
#[derive(Debug, Deserialize)]
pub(crate) struct Resource {
    pub(crate) sid: String,
}
