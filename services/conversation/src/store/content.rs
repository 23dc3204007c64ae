use chrono::{DateTime, Utc};
use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use weft_proto::{
    AsJson,
    channel::v1::Filled,
    conversation::v1::{Order, Products, RichText},
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
    /// The looks of its words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rich: Option<AsJson<RichText>>,
    /// What it is for; none: nothing of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) purpose: Option<String>,
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
    /// The message whose content it passes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) forward_of: Option<Uuid>,
    /// Whom of ours it names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) mentions: Vec<Uuid>,
    /// Who reacted how, the oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) reactions: Vec<StoredReaction>,
    /// What the contact sees of our change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) copy: Option<StoredCopy>,
    /// How many changes the provider was to be told of.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) changes: u32,
}

impl Content {
    /// Something else in its place; what others said of it stays.
    pub(crate) fn replace_by(&mut self, new: Self) {
        let before = std::mem::replace(self, new);
        self.forward_of = before.forward_of;
        self.purpose = before.purpose;
        self.reactions = before.reactions;
        self.copy = before.copy;
        self.changes = before.changes;
    }

    /// The next change that the provider is told of.
    pub(crate) fn next_change(&mut self) -> u32 {
        self.changes = self.changes.saturating_add(1);
        self.changes
    }
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// Somebody's reaction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct StoredReaction {
    /// The emoji, or what the provider has in its place.
    pub(crate) emoji: String,
    /// contact, agent or bot.
    pub(crate) author_kind: String,
    /// The user or contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) author_id: Option<Uuid>,
    /// Their name then.
    pub(crate) author_name: String,
    /// When.
    pub(crate) at: DateTime<Utc>,
    /// What the contact sees of it, if it is ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) copy: Option<StoredCopy>,
}

/// What the contact sees of a change of ours.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct StoredCopy {
    /// Which change.
    pub(crate) number: u32,
    /// changing, changed or unchanged.
    pub(crate) state: String,
    /// Why it is unchanged.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) reason: String,
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
