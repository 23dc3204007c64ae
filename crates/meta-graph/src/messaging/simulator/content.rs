use serde::Deserialize;
use serde_json::Value;

/// What a customer does.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Writes.
    Text(String),
    /// Answers a message.
    Reply {
        /// The message.
        to: String,
        /// The words.
        text: String,
    },
    /// Sends a picture.
    Image {},
    /// Sends a document.
    File {},
    /// Touches a choice under a message, or one to begin with.
    Choice {
        /// The message of the business; none: what is offered to begin with.
        to: Option<String>,
        /// What the choice carries.
        payload: String,
    },
    /// Sets a reaction; an empty one takes it back.
    Reaction {
        /// The message.
        message_id: String,
        /// The emoji.
        emoji: String,
    },
    /// Changes a message of their own.
    Edit {
        /// The message.
        message_id: String,
        /// The new words.
        text: String,
    },
    /// Takes a message of their own back.
    Unsend {
        /// The message.
        message_id: String,
    },
    /// Answers a story of the business.
    StoryReply {
        /// The words.
        text: String,
    },
    /// Mentions the business in a story.
    StoryMention {},
    /// Any other event, with its fields beside sender and recipient.
    Raw(Value),
}
