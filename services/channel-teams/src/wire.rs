//! Activities and answers, as far as we use them. Unknown fields are ignored.

use serde::Deserialize;
use serde_json::Value;

/// What says whom an activity is for and where it is answered.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Head {
    pub(crate) service_url: String,
    #[serde(default)]
    pub(crate) channel_id: String,
    pub(crate) recipient: Option<Party>,
    pub(crate) conversation: Option<Place>,
    pub(crate) channel_data: Option<ChannelData>,
}

impl Head {
    /// The organisation it happened in.
    pub(crate) fn tenant(&self) -> Option<&str> {
        let told =
            self.channel_data.as_ref().and_then(|data| data.tenant.as_ref()).map(|tenant| tenant.id.as_str());
        told.or_else(|| self.conversation.as_ref()?.tenant_id.as_deref())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Activity {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) id: Option<String>,
    pub(crate) timestamp: Option<String>,
    pub(crate) from: Option<Party>,
    pub(crate) conversation: Place,
    pub(crate) recipient: Option<Party>,
    pub(crate) locale: Option<String>,
    pub(crate) text: Option<String>,
    #[serde(default)]
    pub(crate) attachments: Vec<Value>,
    #[serde(default)]
    pub(crate) entities: Vec<Value>,
    pub(crate) reply_to_id: Option<String>,
    /// What a card gives back, or an event tells.
    pub(crate) value: Option<Value>,
    /// Which event or invoke it is.
    pub(crate) name: Option<String>,
    /// What became of an installation.
    pub(crate) action: Option<String>,
    #[serde(default)]
    pub(crate) members_added: Vec<Party>,
    #[serde(default)]
    pub(crate) members_removed: Vec<Party>,
    #[serde(default)]
    pub(crate) reactions_added: Vec<ReactionKind>,
    #[serde(default)]
    pub(crate) reactions_removed: Vec<ReactionKind>,
    pub(crate) channel_data: Option<ChannelData>,
}

#[derive(Deserialize)]
pub(crate) struct Party {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) name: String,
}

impl Party {
    /// The app's id, when it is a bot.
    pub(crate) fn app(&self) -> Option<&str> {
        self.id.strip_prefix("28:")
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Place {
    pub(crate) id: String,
    /// `personal`, `groupChat`, `channel`.
    #[serde(default)]
    pub(crate) conversation_type: String,
    pub(crate) tenant_id: Option<String>,
    pub(crate) name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChannelData {
    pub(crate) tenant: Option<Tenant>,
    pub(crate) event_type: Option<String>,
    pub(crate) channel: Option<Named>,
}

#[derive(Deserialize)]
pub(crate) struct Tenant {
    pub(crate) id: String,
}

#[derive(Deserialize)]
pub(crate) struct Named {
    pub(crate) name: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct ReactionKind {
    #[serde(rename = "type")]
    pub(crate) kind: String,
}

/// A word in the text that means somebody.
#[derive(Deserialize)]
pub(crate) struct Mention {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) mentioned: Party,
    pub(crate) text: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Attachment {
    #[serde(default)]
    pub(crate) content_type: String,
    pub(crate) content_url: Option<String>,
    #[serde(default)]
    pub(crate) name: String,
    pub(crate) content: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FileInfo {
    pub(crate) download_url: String,
    #[serde(default)]
    pub(crate) unique_id: String,
}

/// What our own buttons give back.
#[derive(Deserialize)]
pub(crate) struct Chosen {
    pub(crate) choice: String,
    #[serde(default)]
    pub(crate) title: String,
}

#[derive(Deserialize)]
pub(crate) struct Executed {
    pub(crate) action: Execution,
}

#[derive(Deserialize)]
pub(crate) struct Execution {
    #[serde(default)]
    pub(crate) verb: String,
    pub(crate) data: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReadReceipt {
    pub(crate) last_read_message_id: String,
}

/// What a call's token says besides who signed it for whom.
#[derive(Deserialize)]
pub(crate) struct Claims {
    pub(crate) serviceurl: String,
}

#[derive(Deserialize)]
pub(crate) struct Token {
    pub(crate) access_token: String,
    /// In seconds.
    pub(crate) expires_in: u64,
}

#[derive(Deserialize)]
pub(crate) struct TokenRefused {
    pub(crate) error: String,
}

#[derive(Deserialize)]
pub(crate) struct Sent {
    pub(crate) id: String,
}

#[derive(Deserialize)]
pub(crate) struct Refused {
    pub(crate) error: Refusal,
}

#[derive(Deserialize)]
pub(crate) struct Refusal {
    #[serde(default)]
    pub(crate) code: String,
}
