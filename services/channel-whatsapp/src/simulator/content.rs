use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;

/// What a customer does.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Writes.
    Text(String),
    /// Answers a message of the business.
    Reply {
        /// The message.
        to: String,
        /// The words.
        text: String,
    },
    /// Sends a picture.
    Image(FileContent),
    /// Sends a file.
    Document(FileContent),
    /// Sends a place.
    Location {
        /// In degrees.
        latitude: f64,
        /// In degrees.
        longitude: f64,
    },
    /// Touches a button or a row of a list.
    Choice {
        /// The message of the business.
        to: String,
        /// What the choice carries.
        id: String,
    },
    /// Sets a reaction; an empty one takes it back.
    Reaction {
        /// The message.
        message_id: String,
        /// The emoji.
        emoji: String,
    },
    /// Any other content, as fields of the message.
    Raw(Value),
}

/// A file of a customer; what is left out comes from a sample.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FileContent {
    /// The words under it.
    pub caption: String,
    /// Its content.
    #[serde(skip)]
    pub bytes: Option<Bytes>,
}
