//! What RingCentral says; only what we use.

use chrono::{DateTime, Utc};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::Value;

/// An id, which is a number in some answers and a text in others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Either")]
pub(crate) struct Id(pub(crate) String);

#[derive(Deserialize)]
#[serde(untagged)]
enum Either {
    Number(u64),
    Text(String),
}

impl From<Either> for Id {
    fn from(either: Either) -> Self {
        match either {
            Either::Number(number) => Self(number.to_string()),
            Either::Text(text) => Self(text),
        }
    }
}

/// An access token.
#[derive(Deserialize)]
pub(crate) struct Token {
    pub(crate) access_token: String,
    pub(crate) expires_in: u64,
}

/// A refusal; its errors say more than it does itself.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Refused {
    #[serde(default)]
    error_code: String,
    #[serde(default)]
    errors: Vec<OneRefusal>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OneRefusal {
    #[serde(default)]
    error_code: String,
    #[serde(default)]
    parameter_name: String,
}

impl Refused {
    /// The code and the field at fault.
    pub(crate) fn what(&self) -> (&str, &str) {
        match self.errors.first().filter(|first| !first.error_code.is_empty()) {
            Some(first) => {
                let field = first.parameter_name.split(['.', '[']).next().unwrap_or_default();
                (&first.error_code, field)
            }
            None => (&self.error_code, ""),
        }
    }
}

/// A list of anything.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Listed<T> {
    #[serde(default = "Vec::new")]
    pub(crate) records: Vec<T>,
    pub(crate) sync_info: Option<SyncInfo>,
    #[serde(default)]
    pub(crate) navigation: Navigation,
}

/// Where a list goes on.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Navigation {
    pub(crate) next_page: Option<IgnoredAny>,
}

/// Where a synchronisation stands.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SyncInfo {
    pub(crate) sync_token: String,
    /// The answer had no room for all.
    #[serde(default)]
    pub(crate) older_records_exist: bool,
}

/// A number of the extension.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OwnNumber {
    #[serde(default)]
    pub(crate) phone_number: String,
    #[serde(default)]
    pub(crate) features: Vec<String>,
}

/// A subscription.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Subscription {
    pub(crate) id: Id,
    #[serde(default)]
    pub(crate) status: String,
    #[serde(default)]
    pub(crate) expiration_time: String,
    pub(crate) delivery_mode: Option<DeliveryMode>,
}

impl Subscription {
    /// When it ends.
    pub(crate) fn ends_at(&self) -> Option<DateTime<Utc>> {
        self.expiration_time.parse().ok()
    }
}

/// Where a subscription delivers.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct DeliveryMode {
    pub(crate) address: Option<String>,
}

/// What a webhook brings.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Notification {
    pub(crate) event: String,
    pub(crate) owner_id: Option<Id>,
    #[serde(default)]
    pub(crate) body: Value,
}

/// Somebody at one end.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Party {
    phone_number: Option<String>,
    extension_number: Option<Id>,
    extension_id: Option<Id>,
    name: Option<String>,
}

impl Party {
    /// Their number, if they show one.
    pub(crate) fn number(&self) -> Option<&str> {
        self.phone_number.as_deref().filter(|number| number.bytes().any(|byte| byte.is_ascii_digit()))
    }

    /// Their name, or else their number.
    pub(crate) fn shown(&self) -> Option<&str> {
        self.name.as_deref().filter(|name| !name.trim().is_empty()).or_else(|| self.number())
    }

    /// Whether they are a colleague.
    pub(crate) fn is_extension(&self) -> bool {
        self.extension_number.is_some() || self.extension_id.is_some()
    }
}

/// A message in the message store.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StoredMessage {
    pub(crate) id: Id,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) direction: String,
    #[serde(default)]
    pub(crate) from: Party,
    #[serde(default)]
    pub(crate) to: Vec<Party>,
    #[serde(default)]
    pub(crate) subject: String,
    #[serde(default)]
    pub(crate) creation_time: String,
    #[serde(default)]
    pub(crate) last_modified_time: String,
    #[serde(default)]
    pub(crate) attachments: Vec<StoredFile>,
    #[serde(default)]
    pub(crate) availability: String,
    #[serde(default)]
    pub(crate) message_status: String,
    #[serde(default)]
    pub(crate) delivery_error_code: String,
    #[serde(default)]
    pub(crate) vm_transcription_status: String,
}

/// A file of a message.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StoredFile {
    pub(crate) id: Id,
    #[serde(rename = "type", default)]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) uri: String,
    #[serde(default)]
    pub(crate) content_type: String,
    #[serde(default)]
    pub(crate) size: u64,
}

/// What happens in a call.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TelephonySession {
    pub(crate) sequence: u64,
    pub(crate) telephony_session_id: Id,
    #[serde(default)]
    pub(crate) event_time: String,
    #[serde(default)]
    pub(crate) parties: Vec<CallParty>,
}

/// One leg of a call.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CallParty {
    pub(crate) extension_id: Option<Id>,
    #[serde(default)]
    pub(crate) direction: String,
    #[serde(default)]
    pub(crate) from: Party,
    #[serde(default)]
    pub(crate) to: Party,
    pub(crate) status: PartyStatus,
}

/// Where a leg stands.
#[derive(Deserialize)]
pub(crate) struct PartyStatus {
    pub(crate) code: String,
    #[serde(default)]
    pub(crate) reason: String,
}

/// A call in the call log.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LoggedCall {
    #[serde(rename = "type", default)]
    pub(crate) kind: String,
    pub(crate) session_id: Option<Id>,
    pub(crate) telephony_session_id: Option<Id>,
    #[serde(default)]
    pub(crate) start_time: String,
    #[serde(default)]
    pub(crate) duration: u32,
    #[serde(default)]
    pub(crate) direction: String,
    #[serde(default)]
    pub(crate) result: String,
    #[serde(default)]
    pub(crate) from: Party,
    #[serde(default)]
    pub(crate) to: Party,
    pub(crate) recording: Option<Recording>,
}

/// What a call was recorded in.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Recording {
    pub(crate) id: Id,
    #[serde(default)]
    pub(crate) content_uri: String,
}

/// A message that was taken.
#[derive(Deserialize)]
pub(crate) struct Taken {
    pub(crate) id: Id,
}
