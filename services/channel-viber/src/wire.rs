//! Viber's JSON, as far as we use it. Unknown fields are ignored.

use serde::Deserialize;

/// A webhook: one thing that happened.
#[derive(Deserialize)]
pub(crate) struct Callback {
    /// In milliseconds since 1970.
    pub(crate) timestamp: i64,
    /// More than a float holds exactly.
    pub(crate) message_token: u64,
    #[serde(flatten)]
    pub(crate) what: What,
}

#[derive(Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum What {
    Message {
        sender: User,
        message: Content,
    },
    Delivered {
        user_id: String,
    },
    Seen {
        user_id: String,
    },
    Failed {
        user_id: String,
        #[serde(default)]
        desc: String,
    },
    Subscribed {
        user: User,
    },
    Unsubscribed {
        user_id: String,
    },
    ConversationStarted {
        user: User,
        #[serde(default)]
        context: String,
    },
    /// Asks whether we are here, while the webhook is set.
    Webhook,
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
pub(crate) struct User {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) name: String,
    pub(crate) language: Option<String>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Content {
    Text {
        text: String,
    },
    Picture(FileObject),
    Video(FileObject),
    File(FileObject),
    Contact {
        contact: Contact,
    },
    Location {
        location: Location,
    },
    Url {
        media: String,
    },
    Sticker,
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
pub(crate) struct FileObject {
    pub(crate) media: String,
    #[serde(default)]
    pub(crate) text: String,
    pub(crate) file_name: Option<String>,
    #[serde(default)]
    pub(crate) size: u64,
}

#[derive(Deserialize)]
pub(crate) struct Contact {
    #[serde(default)]
    pub(crate) name: String,
    pub(crate) phone_number: String,
}

#[derive(Deserialize)]
pub(crate) struct Location {
    pub(crate) lat: f64,
    pub(crate) lon: f64,
}

/// The answer to every call; Viber's refusals have HTTP's 200.
#[derive(Deserialize)]
pub(crate) struct Answer {
    pub(crate) status: u32,
    #[serde(default)]
    pub(crate) status_message: String,
    pub(crate) message_token: Option<u64>,
}
