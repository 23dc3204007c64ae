//! What a conversation and its messages can be.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr, VariantNames};

/// Where a conversation stands. All but `Closed` are live: a new message of the contact joins it.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    IntoStaticStr,
    VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Status {
    /// Somebody has to do something.
    Open,
    /// Waiting for the contact.
    Pending,
    /// Put away until a time or a new message.
    Snoozed,
    /// Done; a new message opens it again.
    Resolved,
    /// Done for good; a new message starts another conversation.
    Closed,
}

/// How urgent a conversation is.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    IntoStaticStr,
    VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Priority {
    /// Can wait.
    Low,
    /// The usual.
    #[default]
    Normal,
    /// Before the others.
    High,
    /// Now.
    Urgent,
}

/// What somebody of ours puts on a conversation for themselves.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    IntoStaticStr,
    VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Mark {
    /// One comes back to it.
    Star,
    /// It stands above the others.
    Pin,
    /// One is told of what happens in it.
    Follow,
}

/// What a message is for.
#[derive(
    Default,
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    IntoStaticStr,
    VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Purpose {
    /// Nothing of its own.
    #[default]
    General,
    /// Somebody needs equipment.
    EquipmentRequest,
    /// Something went wrong.
    IncidentReport,
    /// Somebody's hours.
    TimeLog,
    /// What was done in a day.
    DailyReport,
}

/// Which way a message goes.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    IntoStaticStr,
    VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Direction {
    /// From the contact to us.
    Inbound,
    /// From us to the contact.
    Outbound,
    /// Among us: notes and system lines.
    Internal,
}

/// What a message is made of.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    IntoStaticStr,
    VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Kind {
    /// Words only.
    Text,
    /// One or more files, with or without words.
    Attachment,
    /// A place.
    Location,
    /// Somebody's contact card.
    ContactCard,
    /// Something the provider sent that we cannot show; kept as it came.
    Unsupported,
    /// A telephone call.
    Call,
}

/// Who wrote a message.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    IntoStaticStr,
    VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AuthorKind {
    /// The person outside.
    Contact,
    /// A person of the tenant.
    Agent,
    /// A program of the tenant.
    Bot,
    /// Weft itself.
    System,
}

/// The longest text of one message, in characters, whatever the provider allows.
pub const MAX_TEXT_CHARS: usize = 20_000;
/// The most attachments of one message (B3).
pub const MAX_ATTACHMENTS: usize = 10;

impl Status {
    /// Whether a new message of the contact joins this conversation.
    pub fn is_live(self) -> bool {
        self != Self::Closed
    }

    /// The status after the contact wrote: what was put away comes back.
    pub fn after_inbound(self) -> Self {
        match self {
            Self::Closed => Self::Closed,
            _ => Self::Open,
        }
    }
}
