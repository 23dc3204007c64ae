use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use weft_proto::{
    AsJson,
    channel::v1::Filled,
    conversation::v1::{Order, Products},
};

/// What a message carries besides words, as one JSON column.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(default)]
pub(crate) struct Content {
    /// Files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) attachments: Vec<StoredAttachment>,
    /// A place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) location: Option<StoredLocation>,
    /// Somebody's contact card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) contact_card: Option<StoredCard>,
    /// A call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) call: Option<StoredCall>,
    /// Answers to choose from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) buttons: Vec<StoredButton>,
    /// A template, as it was when it was filled in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) template: Option<AsJson<Filled>>,
    /// Products of a catalogue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) products: Option<AsJson<Products>>,
    /// What was ordered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) order: Option<AsJson<Order>>,
    /// What the chosen button carried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) postback: Option<String>,
    /// The provider's name for what we cannot show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) unsupported: Option<String>,
    /// What we cannot show, as it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) raw: Option<String>,
}

/// A file of a message.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct StoredAttachment {
    /// The file, once we have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<Uuid>,
    /// image, video, audio, voice, sticker or file.
    pub(crate) kind: String,
    /// Its name.
    pub(crate) name: String,
    /// Its type.
    pub(crate) mime: String,
    /// Its size in bytes.
    pub(crate) size: u64,
    /// What the provider calls it: a changed message with the same files keeps them.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) source: String,
    /// Why it cannot be had.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) unavailable: String,
    /// What is said in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) transcript: Option<StoredTranscript>,
}

/// A telephone call.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct StoredCall {
    /// ringing, waiting, talking or ended.
    pub(crate) state: String,
    /// missed, voicemail or answered; as long as it goes on, how it would end.
    pub(crate) outcome: String,
    /// How long it took.
    pub(crate) seconds: u32,
    /// What the caller chose.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) choices: Vec<String>,
}

/// What is said in a file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct StoredTranscript {
    /// The words.
    pub(crate) text: String,
    /// The language.
    pub(crate) language: String,
    /// From 0 to 1, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) confidence: Option<f64>,
}

/// A place.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct StoredLocation {
    /// Degrees north.
    pub(crate) latitude: f64,
    /// Degrees east.
    pub(crate) longitude: f64,
    /// The place's name.
    pub(crate) title: String,
    /// The place's address.
    pub(crate) address: String,
}

/// Somebody's contact card.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct StoredCard {
    /// The name.
    pub(crate) name: String,
    /// Telephone numbers.
    pub(crate) phones: Vec<String>,
    /// E-mail addresses.
    pub(crate) emails: Vec<String>,
}

/// An answer to choose.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct StoredButton {
    /// What it says.
    pub(crate) title: String,
    /// What comes back.
    pub(crate) payload: String,
    /// The address it opens instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
}
