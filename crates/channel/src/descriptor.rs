use std::time::Duration;

use strum::{Display, EnumString, IntoStaticStr, VariantArray};
use weft_proto::directory::v1 as directory;

use crate::{Attachment, attachment};

/// What a provider is and can do, as data: no code asks for a provider's name.
#[derive(Clone, Debug, PartialEq)]
pub struct Descriptor {
    /// Its word in subjects, addresses and settings: lower case letters, digits and `-`.
    pub kind: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// What it can do.
    pub capabilities: Capabilities,
    /// How fast it may be called.
    pub rate: Rate,
    /// How long it delivers a webhook again that was not answered with 2xx. Shorter than our worst outage means
    /// that the host spools instead of answering 503.
    pub redelivers_for: Duration,
    /// The largest webhook it makes.
    pub max_webhook_bytes: usize,
}

/// What can be sent and how it comes in.
#[derive(Clone, Debug, PartialEq)]
pub struct Capabilities {
    /// What one message can be made of.
    pub content: &'static [ContentKind],
    /// The longest text of one message, in characters.
    pub max_text_chars: usize,
    /// The same in bytes of UTF-8, where the provider counts those; both hold.
    pub max_text_bytes: Option<usize>,
    /// Text on attachments; none: it goes as a message of its own.
    pub captions: Option<Captions>,
    /// The largest file.
    pub max_file_bytes: u64,
    /// Buttons; none: they become numbered text.
    pub buttons: Option<Buttons>,
    /// A message can answer another one.
    pub reply_to: bool,
    /// It shows that somebody is typing.
    pub typing: bool,
    /// It reports delivery.
    pub delivered_receipts: bool,
    /// It reports reading.
    pub read_receipts: bool,
    /// How long after the contact's last message one may write; none: always.
    pub reply_window: Option<Duration>,
    /// How events can come in, the best first.
    pub intake: &'static [Intake],
    /// How it tells a repeated call.
    pub idempotency: Idempotency,
}

/// What a message can be made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Display, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum ContentKind {
    /// Words.
    Text,
    /// Any file.
    File,
    /// A picture.
    Image,
    /// A film.
    Video,
    /// A sound.
    Audio,
    /// A recorded message.
    Voice,
    /// A sticker.
    Sticker,
    /// A place.
    Location,
    /// Somebody's contact card.
    ContactCard,
    /// Words and several files at once.
    Bundle,
}

/// Text on attachments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Captions {
    /// The longest, in characters.
    pub max_chars: usize,
    /// The kinds of attachments that take one.
    pub on: &'static [ContentKind],
}

/// Limits of buttons; a list beyond them becomes numbered text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Buttons {
    /// How many.
    pub max: usize,
    /// The longest title, in characters.
    pub max_title_chars: usize,
    /// The longest payload, in bytes.
    pub max_payload_bytes: usize,
    /// A button may open an address.
    pub urls: bool,
}

/// How events come in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Display, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Intake {
    /// The provider calls us.
    #[default]
    Webhook,
    /// We ask.
    Poll,
    /// We hold a connection.
    Stream,
}

/// How a provider tells a repeated call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Display, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Idempotency {
    /// It takes a key of ours, so a call may be repeated blindly.
    Key,
    /// What was sent can be looked up.
    Lookup,
    /// Our id comes back in a receipt.
    Echo,
    /// Not at all.
    None,
}

/// How fast a provider may be called.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Messages a second for one account.
    pub account_per_second: f64,
    /// Messages at once for one account.
    pub account_burst: u32,
    /// Messages a second in one thread.
    pub thread_per_second: f64,
    /// Messages at once in one thread.
    pub thread_burst: u32,
}

impl Capabilities {
    /// Whether one message can hold this.
    pub fn takes(&self, kind: ContentKind) -> bool {
        self.content.contains(&kind)
    }
}

impl ContentKind {
    /// What an attachment is.
    pub fn of(attachment: &Attachment) -> Self {
        match attachment.kind() {
            attachment::Kind::File => Self::File,
            attachment::Kind::Image => Self::Image,
            attachment::Kind::Video => Self::Video,
            attachment::Kind::Audio => Self::Audio,
            attachment::Kind::Voice => Self::Voice,
            attachment::Kind::Sticker => Self::Sticker,
        }
    }
}

impl From<&Capabilities> for directory::Capabilities {
    fn from(from: &Capabilities) -> Self {
        let hours = from.reply_window.map_or(0, |window| window.as_secs() / 3600);
        Self {
            content: from.content.iter().map(ToString::to_string).collect(),
            max_text_chars: u32::try_from(from.max_text_chars).unwrap_or(u32::MAX),
            max_file_bytes: from.max_file_bytes,
            reply_to: from.reply_to,
            typing: from.typing,
            buttons: from.buttons.is_some(),
            delivered_receipts: from.delivered_receipts,
            read_receipts: from.read_receipts,
            reply_window_hours: u32::try_from(hours).unwrap_or(u32::MAX),
            intake: from.intake.iter().map(ToString::to_string).collect(),
            idempotency: from.idempotency.to_string(),
        }
    }
}
