//! Makes of one message what a provider can take: one part for each provider message. Pure.

mod fallback;
mod looks;
mod split;
#[cfg(test)]
mod tests;

pub use fallback::{buttons_as_text, card_as_text, location_as_text, products_as_text};
pub use split::split;

use chrono::{DateTime, Utc};
use weft_proto::{
    channel::v1::Outbound,
    conversation::v1::{Attachment, Button, Products, RichText, attachment},
    convert,
};

use crate::{Capabilities, ContentKind, Refused};

/// What will be sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// In this order, each as one provider message. Never empty. A part's `message_id` is its idempotency key: the
    /// message's own for the first, with `.2`, `.3` … behind it for the others.
    pub parts: Vec<Outbound>,
    /// What will not go as the agent wrote it, in plain words.
    pub warnings: Vec<String>,
}

/// Plans a message that is still worth sending.
pub fn plan_in_time(can: &Capabilities, message: &Outbound, now: DateTime<Utc>) -> Result<Plan, Refused> {
    let expires_at = message.expires_at.as_ref().and_then(convert::time);
    if expires_at.is_some_and(|end| end <= now) {
        return Err(Refused::Expired);
    }
    plan(can, message)
}

/// Plans a message: text too long is split, what the provider cannot show becomes text or another kind of file.
///
/// The first part carries the reference to the message it answers; buttons hang on the last part with text.
///
/// A template is as its provider approved it: one part, whatever it holds.
pub fn plan(can: &Capabilities, message: &Outbound) -> Result<Plan, Refused> {
    if message.template.is_some() {
        return template(can, message);
    }
    let mut warnings = Vec::new();
    let mut text = vec![message.text.trim().to_owned()];

    let attachments = attachments(can, message, &mut text, &mut warnings)?;
    let location = message.location.as_ref().filter(|location| {
        let goes = can.takes(ContentKind::Location);
        if !goes {
            text.push(location_as_text(location));
        }
        goes
    });
    let card = message.contact_card.as_ref().filter(|card| {
        let goes = can.takes(ContentKind::ContactCard);
        if !goes {
            text.push(card_as_text(card));
        }
        goes
    });
    let products = message.products.as_ref().filter(|products| {
        let goes = can.takes(ContentKind::Products);
        if !goes {
            text.push(products_as_text(products));
        }
        goes
    });
    let buttons = buttons(can, &message.buttons, &mut text, &mut warnings);
    let mut looks = message.rich.as_ref().filter(|_| can.takes(ContentKind::RichText)).map(|rich| {
        let added = text.get(1..).unwrap_or_default();
        looks::with_paragraphs(rich, added)
    });
    text.retain(|paragraph| !paragraph.is_empty());

    let empty = Outbound {
        text: String::new(),
        attachments: Vec::new(),
        location: None,
        contact_card: None,
        buttons: Vec::new(),
        reply_to: None,
        products: None,
        rich: None,
        ..message.clone()
    };
    let mut files: Vec<Outbound> =
        attachments.into_iter().map(|file| Outbound { attachments: vec![file], ..empty.clone() }).collect();

    let mut whole_text = text.join("\n\n");
    if can.takes(ContentKind::Bundle) {
        let attachments: Vec<Attachment> = files.drain(..).flat_map(|file| file.attachments).collect();
        if !attachments.is_empty() {
            files.push(Outbound { attachments, ..empty.clone() });
        }
    }
    if let Some(first) = files.first_mut()
        && fits_as_caption(can, first, &whole_text)
    {
        first.text = std::mem::take(&mut whole_text);
        let most = can.captions.as_ref().map_or(0, |on| on.max_chars);
        first.rich = fitting(looks.take(), |rich| looks::fits(rich, most, None), &mut warnings);
    }
    let mut parts: Vec<Outbound> = split(&whole_text, can.max_text_chars, can.max_text_bytes)
        .into_iter()
        .map(|piece| Outbound { text: piece, ..empty.clone() })
        .collect();
    let is_whole = parts.len() == 1;
    if let Some(first) = parts.first_mut() {
        let fits = |rich: &RichText| is_whole && looks::fits(rich, can.max_text_chars, can.max_text_bytes);
        first.rich = fitting(looks.take(), fits, &mut warnings);
    }
    parts.append(&mut files);
    parts.extend(location.map(|location| Outbound { location: Some(location.clone()), ..empty.clone() }));
    parts.extend(card.map(|card| Outbound { contact_card: Some(card.clone()), ..empty.clone() }));

    if parts.is_empty() {
        return Err(Refused::Empty);
    }
    for (index, part) in parts.iter_mut().enumerate().skip(1) {
        part.message_id = format!("{}.{}", message.message_id, index + 1);
    }
    hang(&mut parts, buttons, products.cloned());
    refer(can, message, &mut parts, &mut warnings);
    Ok(Plan { parts, warnings })
}

fn template(can: &Capabilities, message: &Outbound) -> Result<Plan, Refused> {
    if !can.takes(ContentKind::Template) {
        return Err(Refused::NoTemplates);
    }
    for file in &message.attachments {
        fits(can, file)?;
    }
    let mut parts = vec![Outbound { reply_to: None, ..message.clone() }];
    let mut warnings = Vec::new();
    refer(can, message, &mut parts, &mut warnings);
    Ok(Plan { parts, warnings })
}

fn fits(can: &Capabilities, file: &Attachment) -> Result<(), Refused> {
    if file.size <= can.max_file_bytes {
        return Ok(());
    }
    Err(Refused::FileTooLarge { name: file.name.clone(), limit_mb: can.max_file_bytes / 1_000_000 })
}

fn attachments(
    can: &Capabilities,
    message: &Outbound,
    text: &mut Vec<String>,
    warnings: &mut Vec<String>,
) -> Result<Vec<Attachment>, Refused> {
    let mut sendable = Vec::new();
    for file in &message.attachments {
        let Some(kind) = sendable_kind(can, ContentKind::of(file)) else {
            text.push(format!("[{}]", file.name));
            warnings.push(format!("this channel takes no files: “{}” was only mentioned", file.name));
            continue;
        };
        fits(can, file)?;
        sendable.push(Attachment { kind: kind.into(), ..file.clone() });
    }
    Ok(sendable)
}

/// The kind a file can go as: itself, or the next more general one.
fn sendable_kind(can: &Capabilities, kind: ContentKind) -> Option<attachment::Kind> {
    let ladder: &[ContentKind] = match kind {
        ContentKind::Voice => &[ContentKind::Voice, ContentKind::Audio, ContentKind::File],
        ContentKind::Sticker => &[ContentKind::Sticker, ContentKind::Image, ContentKind::File],
        ContentKind::Image => &[ContentKind::Image, ContentKind::File],
        ContentKind::Video => &[ContentKind::Video, ContentKind::File],
        ContentKind::Audio => &[ContentKind::Audio, ContentKind::File],
        _ => &[ContentKind::File],
    };
    let chosen = ladder.iter().find(|kind| can.takes(**kind))?;
    Some(match chosen {
        ContentKind::Voice => attachment::Kind::Voice,
        ContentKind::Audio => attachment::Kind::Audio,
        ContentKind::Sticker => attachment::Kind::Sticker,
        ContentKind::Image => attachment::Kind::Image,
        ContentKind::Video => attachment::Kind::Video,
        _ => attachment::Kind::File,
    })
}

fn buttons(
    can: &Capabilities,
    buttons: &[Button],
    text: &mut Vec<String>,
    warnings: &mut Vec<String>,
) -> Vec<Button> {
    if buttons.is_empty() {
        return Vec::new();
    }
    let why = match can.buttons {
        None => "this channel has no buttons",
        Some(limit) if buttons.len() > limit.max => "there are more buttons than this channel takes",
        Some(limit) => {
            let too_long = |button: &Button| {
                button.title.chars().count() > limit.max_title_chars
                    || (button.url.is_none() && payload(button).len() > limit.max_payload_bytes)
                    || (button.url.is_some() && !limit.urls)
            };
            if !buttons.iter().any(too_long) {
                return buttons.to_vec();
            }
            "a button is longer than this channel takes"
        }
    };
    text.push(buttons_as_text(buttons));
    warnings.push(format!("{why}: the choices were sent as numbered text"));
    Vec::new()
}

/// Looks need room of their own; words that are split go without.
fn fitting(
    looks: Option<RichText>,
    fits: impl Fn(&RichText) -> bool,
    warnings: &mut Vec<String>,
) -> Option<RichText> {
    let looks = looks?;
    if fits(&looks) {
        return Some(looks);
    }
    warnings.push("too long for one message with its formatting: it goes as plain text".to_owned());
    None
}

/// What comes back when a button is chosen.
pub fn payload(button: &Button) -> &str {
    if button.payload.is_empty() { &button.title } else { &button.payload }
}

fn fits_as_caption(can: &Capabilities, part: &Outbound, text: &str) -> bool {
    let Some(captions) = &can.captions else { return false };
    let takes_one = part.attachments.iter().all(|file| captions.on.contains(&ContentKind::of(file)));
    takes_one && text.chars().count() <= captions.max_chars
}

/// Choices and products stand under the last words.
fn hang(parts: &mut [Outbound], buttons: Vec<Button>, products: Option<Products>) {
    let place = parts.iter().rposition(|part| !part.text.is_empty());
    let part = match place {
        Some(index) => parts.get_mut(index),
        None => parts.last_mut(),
    };
    if let Some(carrier) = part {
        carrier.buttons = buttons;
        carrier.products = products;
    }
}

fn refer(can: &Capabilities, message: &Outbound, parts: &mut [Outbound], warnings: &mut Vec<String>) {
    if message.reply_to.is_none() {
        return;
    }
    if !can.reply_to {
        warnings.push("this channel cannot show which message is answered".to_owned());
        return;
    }
    if let Some(first) = parts.first_mut() {
        first.reply_to.clone_from(&message.reply_to);
    }
}
