use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;

/// What a customer does.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Writes.
    Text(String),
    /// Presses Start, with the payload of a deep link.
    Start(String),
    /// Answers a message.
    Reply {
        /// The number of the message.
        to: i64,
        /// The words.
        text: String,
    },
    /// Sends a picture.
    Photo(FileContent),
    /// Sends a file.
    Document(FileContent),
    /// Records a message.
    Voice(FileContent),
    /// Sends a place.
    Location {
        /// In degrees.
        latitude: f64,
        /// In degrees.
        longitude: f64,
    },
    /// Sends somebody's contact card.
    Contact {
        /// The number.
        phone: String,
        /// The name.
        name: String,
    },
    /// Changes a text.
    Edit {
        /// The number of the message.
        message_id: i64,
        /// The new words.
        text: String,
    },
    /// Touches a button.
    Callback {
        /// The number of the bot's message.
        message_id: i64,
        /// What the button carries.
        data: String,
    },
    /// Sets a reaction; none takes it back.
    Reaction {
        /// The number of the message.
        message_id: i64,
        /// The emoji.
        emoji: Option<String>,
    },
    /// Blocks the bot; in a group, removes it.
    Block,
    /// Unblocks the bot; in a group, adds it.
    Unblock,
    /// Any other content, as fields of the message.
    Raw(Value),
}

/// A file of a customer; what is left out comes from a sample.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FileContent {
    /// The words under it.
    pub caption: String,
    /// Its name.
    pub name: Option<String>,
    /// Its type.
    pub mime: Option<String>,
    /// Its content; base64 in JSON.
    #[serde(deserialize_with = "from_base64")]
    pub bytes: Option<Bytes>,
}

fn from_base64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Bytes>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    STANDARD.decode(text).map(|bytes| Some(bytes.into())).map_err(D::Error::custom)
}
