use std::time::Duration;

use strum::{Display, EnumString, IntoStaticStr, VariantArray};
use weft_proto::conversation::v1::{Attachment, attachment};

/// What can be sent and how it comes in.
#[derive(Clone, Debug, PartialEq)]
pub struct Capabilities {
    /// What one message can be made of.
    pub content: Vec<ContentKind>,
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
    /// What can be done about a message that was sent.
    pub changes: Changes,
    /// It shows that somebody is typing.
    pub typing: bool,
    /// It reports delivery.
    pub delivered_receipts: bool,
    /// It reports reading.
    pub read_receipts: bool,
    /// How long after the contact's last message one may write; none: always.
    pub reply_window: Option<Duration>,
    /// The same for what a program writes, where that is shorter; none: as for people.
    pub program_window: Option<Duration>,
    /// What goes out is a telephone call: nothing goes by itself.
    pub calls: bool,
    /// How somebody is named who has not written yet; none: one has to wait for their first message.
    pub first_contact: Option<FirstContact>,
    /// How events can come in, the best first.
    pub intake: Vec<Intake>,
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
    /// A message that the provider approved beforehand.
    Template,
    /// Products of a catalogue.
    Products,
    /// Words with their looks.
    RichText,
}

/// Text on attachments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Captions {
    /// The longest, in characters.
    pub max_chars: usize,
    /// The kinds of attachments that take one.
    pub on: Vec<ContentKind>,
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

/// What can be done about a message that was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Its words can be changed.
    pub edits: bool,
    /// It can be taken back.
    pub deletes: bool,
    /// Our side's reactions reach the contact.
    pub reactions: bool,
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

/// How somebody is named who has not written yet. In that shape the name is the thread's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Display, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum FirstContact {
    /// By a telephone number with its plus sign, `+442079460958`.
    Phone,
    /// By a telephone number without it, `442079460958`.
    PhoneDigits,
    /// By an e-mail address in lower case.
    Email,
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
