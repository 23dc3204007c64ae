//! Capabilities as they are announced and shown.

use std::time::Duration;

use weft_proto::directory::v1::{self as wire, capabilities as limits};

use crate::{Buttons, Capabilities, Captions, Changes, ContentKind, Idempotency, Intake};

impl From<&Capabilities> for wire::Capabilities {
    fn from(from: &Capabilities) -> Self {
        Self {
            content: words(&from.content),
            max_text_chars: u32::try_from(from.max_text_chars).unwrap_or(u32::MAX),
            max_text_bytes: from.max_text_bytes.map(|bytes| u32::try_from(bytes).unwrap_or(u32::MAX)),
            max_file_bytes: from.max_file_bytes,
            reply_to: from.reply_to,
            edits: from.changes.edits,
            deletes: from.changes.deletes,
            reactions: from.changes.reactions,
            typing: from.typing,
            buttons: from.buttons.is_some(),
            button_limits: from.buttons.map(|buttons| limits::Buttons {
                max: u32::try_from(buttons.max).unwrap_or(u32::MAX),
                max_title_chars: u32::try_from(buttons.max_title_chars).unwrap_or(u32::MAX),
                max_payload_bytes: u32::try_from(buttons.max_payload_bytes).unwrap_or(u32::MAX),
                urls: buttons.urls,
            }),
            captions: from.captions.as_ref().map(|captions| limits::Captions {
                max_chars: u32::try_from(captions.max_chars).unwrap_or(u32::MAX),
                on: words(&captions.on),
            }),
            delivered_receipts: from.delivered_receipts,
            read_receipts: from.read_receipts,
            reply_window_hours: hours(from.reply_window),
            program_window_hours: hours(from.program_window),
            calls: from.calls,
            first_contact: from.first_contact.map(|shape| shape.to_string()).unwrap_or_default(),
            intake: words(&from.intake),
            idempotency: from.idempotency.to_string(),
            templates: from.takes(ContentKind::Template),
        }
    }
}

impl From<&wire::Capabilities> for Capabilities {
    /// What this release has no word for is left out.
    fn from(from: &wire::Capabilities) -> Self {
        Self {
            content: known(&from.content),
            max_text_chars: size(from.max_text_chars),
            max_text_bytes: from.max_text_bytes.map(size),
            captions: from
                .captions
                .as_ref()
                .map(|captions| Captions { max_chars: size(captions.max_chars), on: known(&captions.on) }),
            max_file_bytes: from.max_file_bytes,
            buttons: from.button_limits.as_ref().map(|buttons| Buttons {
                max: size(buttons.max),
                max_title_chars: size(buttons.max_title_chars),
                max_payload_bytes: size(buttons.max_payload_bytes),
                urls: buttons.urls,
            }),
            reply_to: from.reply_to,
            changes: Changes { edits: from.edits, deletes: from.deletes, reactions: from.reactions },
            typing: from.typing,
            delivered_receipts: from.delivered_receipts,
            read_receipts: from.read_receipts,
            reply_window: window(from.reply_window_hours),
            program_window: window(from.program_window_hours),
            calls: from.calls,
            first_contact: from.first_contact.parse().ok(),
            intake: known::<Intake>(&from.intake),
            idempotency: from.idempotency.parse().unwrap_or(Idempotency::None),
        }
    }
}

fn hours(window: Option<Duration>) -> u32 {
    u32::try_from(window.map_or(0, |window| window.as_secs() / 3600)).unwrap_or(u32::MAX)
}

fn window(hours: u32) -> Option<Duration> {
    Some(Duration::from_hours(hours.into())).filter(|window| !window.is_zero())
}

fn words(all: &[impl ToString]) -> Vec<String> {
    all.iter().map(ToString::to_string).collect()
}

fn known<T: std::str::FromStr>(words: &[String]) -> Vec<T> {
    words.iter().filter_map(|word| word.parse().ok()).collect()
}

fn size(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FirstContact;

    fn rich() -> Capabilities {
        Capabilities {
            content: vec![ContentKind::Text, ContentKind::ContactCard, ContentKind::Template],
            max_text_chars: 1000,
            max_text_bytes: Some(2000),
            captions: Some(Captions { max_chars: 20, on: vec![ContentKind::Image] }),
            max_file_bytes: 5_000_000,
            buttons: Some(Buttons { max: 3, max_title_chars: 10, max_payload_bytes: 16, urls: true }),
            reply_to: true,
            changes: Changes { edits: true, deletes: false, reactions: true },
            typing: true,
            delivered_receipts: true,
            read_receipts: false,
            reply_window: Some(Duration::from_hours(24)),
            first_contact: Some(FirstContact::PhoneDigits),
            intake: vec![Intake::Webhook, Intake::Poll],
            calls: true,
            program_window: Some(Duration::from_hours(12)),
            idempotency: Idempotency::Echo,
        }
    }

    #[test]
    fn what_is_announced_is_what_is_heard() {
        let wire = wire::Capabilities::from(&rich());
        assert!(wire.templates);
        assert_eq!(Capabilities::from(&wire), rich());
    }

    #[test]
    fn words_of_a_newer_release_are_left_out() {
        let mut wire = wire::Capabilities::from(&rich());
        wire.content.push("hologram".to_owned());
        wire.first_contact = "telepathy".to_owned();
        let heard = Capabilities::from(&wire);
        assert_eq!(heard.content, rich().content);
        assert_eq!(heard.first_contact, None);
    }
}
