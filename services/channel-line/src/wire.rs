//! LINE's JSON, as far as we use it. Unknown fields are ignored.

use serde::Deserialize;
use serde_json::Value;

/// A webhook: several events. Each is read on its own.
#[derive(Deserialize)]
pub(crate) struct Webhook {
    pub(crate) events: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Event {
    pub(crate) webhook_event_id: String,
    /// In milliseconds since 1970.
    pub(crate) timestamp: i64,
    /// `standby`: another system answers at the moment.
    #[serde(default)]
    pub(crate) mode: String,
    pub(crate) source: Option<Source>,
    #[serde(flatten)]
    pub(crate) what: What,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(crate) enum Source {
    User { user_id: String },
    Group { group_id: String, user_id: Option<String> },
    Room { room_id: String, user_id: Option<String> },
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub(crate) enum What {
    Message {
        message: Message,
    },
    Unsend {
        unsend: Unsend,
    },
    Postback {
        postback: Postback,
    },
    Follow,
    Unfollow,
    Join,
    Leave,
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) quoted_message_id: Option<String>,
    pub(crate) mark_as_read_token: Option<String>,
    #[serde(flatten)]
    pub(crate) content: Content,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(crate) enum Content {
    Text {
        text: String,
    },
    Image {
        content_provider: ContentProvider,
    },
    Video {
        content_provider: ContentProvider,
    },
    Audio {
        content_provider: ContentProvider,
    },
    File {
        file_name: String,
        #[serde(default)]
        file_size: u64,
    },
    Location {
        #[serde(default)]
        title: String,
        #[serde(default)]
        address: String,
        latitude: f64,
        longitude: f64,
    },
    Sticker {
        text: Option<String>,
        #[serde(default)]
        keywords: Vec<String>,
    },
    #[serde(other)]
    Other,
}

/// Where a file is: with LINE, or at an address of somebody else's.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ContentProvider {
    pub(crate) original_content_url: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Unsend {
    pub(crate) message_id: String,
}

#[derive(Deserialize)]
pub(crate) struct Postback {
    pub(crate) data: String,
    /// What was chosen in a picker of dates or menus.
    pub(crate) params: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Accepted {
    pub(crate) sent_messages: Vec<SentMessage>,
}

#[derive(Deserialize)]
pub(crate) struct SentMessage {
    pub(crate) id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BotInfo {
    pub(crate) basic_id: Option<String>,
    #[serde(default)]
    pub(crate) display_name: String,
}

#[derive(Deserialize)]
pub(crate) struct Refused {
    #[serde(default)]
    pub(crate) message: String,
    #[serde(default)]
    pub(crate) details: Vec<Detail>,
}

#[derive(Deserialize)]
pub(crate) struct Detail {
    #[serde(default)]
    pub(crate) message: String,
    #[serde(default)]
    pub(crate) property: String,
}
