use weft_channel::{ContactCard, Location, Media, MessageReceived, attachment::Kind, inbound};

use super::{people::full_name, text::with_links};
use crate::wire::{FileObject, Message};

/// The part of a message that people see; none when there is nothing we can show.
pub(super) fn content(message: &Message) -> Option<MessageReceived> {
    if let Some(text) = &message.text {
        return Some(words(with_links(text, &message.entities)));
    }
    if let Some(file) = file(message) {
        return Some(MessageReceived { media: vec![file], ..words(caption(message)) });
    }
    // a venue comes with a location of its own
    if let Some(venue) = &message.venue {
        let place = place(&venue.location, &venue.title, &venue.address);
        return Some(MessageReceived { location: Some(place), ..MessageReceived::default() });
    }
    if let Some(location) = &message.location {
        let place = place(location, "", "");
        return Some(MessageReceived { location: Some(place), ..MessageReceived::default() });
    }
    if let Some(contact) = &message.contact {
        let card = ContactCard {
            name: full_name(&contact.first_name, contact.last_name.as_deref()),
            phones: vec![international(&contact.phone_number)],
            emails: Vec::new(),
        };
        return Some(MessageReceived { contact_card: Some(card), ..MessageReceived::default() });
    }
    if let Some(dice) = &message.dice {
        return Some(words(format!("{} {}", dice.emoji, dice.value)));
    }
    let answer = message.web_app_data.as_ref()?;
    Some(MessageReceived { postback: Some(answer.data.clone()), ..words(answer.button_text.clone()) })
}

/// The words under a file; a sticker's are its emoji.
pub(super) fn caption(message: &Message) -> String {
    let emoji = message.sticker.as_ref().and_then(|sticker| sticker.emoji.clone());
    match &message.caption {
        Some(caption) => with_links(caption, &message.caption_entities),
        None => emoji.unwrap_or_default(),
    }
}

fn words(text: String) -> MessageReceived {
    MessageReceived { text, ..MessageReceived::default() }
}

fn place(location: &crate::wire::Location, title: &str, address: &str) -> Location {
    Location {
        latitude: location.latitude,
        longitude: location.longitude,
        title: title.to_owned(),
        address: address.to_owned(),
    }
}

fn international(phone: &str) -> String {
    let digits_only = phone.bytes().all(|byte| byte.is_ascii_digit());
    if digits_only { format!("+{phone}") } else { phone.to_owned() }
}

/// One file of a message: `animation` comes with the same file as `document`, `live_photo` with its still as `photo`.
fn file(message: &Message) -> Option<Media> {
    let id = message.message_id;
    let typed = |file: &FileObject, kind: Kind, word: &str, mime: &str| {
        let given = file.mime_type.clone().unwrap_or_else(|| mime.to_owned());
        let named =
            file.file_name.clone().unwrap_or_else(|| format!("{word}_{id}.{}", inbound::extension(&given)));
        media(file, kind, named, given)
    };
    if let Some(file) = &message.animation {
        return Some(typed(file, Kind::Video, "animation", "video/mp4"));
    }
    // the sizes of one picture, the largest last
    if let Some(file) = message.photo.last() {
        return Some(typed(file, Kind::Image, "photo", "image/jpeg"));
    }
    if let Some(file) = message.live_photo.as_ref().or(message.video.as_ref()) {
        return Some(typed(file, Kind::Video, "video", "video/mp4"));
    }
    if let Some(file) = &message.video_note {
        return Some(typed(file, Kind::Video, "video_note", "video/mp4"));
    }
    if let Some(file) = &message.voice {
        return Some(typed(file, Kind::Voice, "voice", "audio/ogg"));
    }
    if let Some(file) = &message.audio {
        return Some(audio(file, id));
    }
    if let Some(file) = &message.sticker {
        let mime = match (file.is_animated, file.is_video) {
            (true, _) => "application/x-tgsticker",
            (false, true) => "video/webm",
            (false, false) => "image/webp",
        };
        return Some(typed(file, Kind::Sticker, "sticker", mime));
    }
    message.document.as_ref().map(|file| typed(file, Kind::File, "file", "application/octet-stream"))
}

fn audio(file: &FileObject, message_id: i64) -> Media {
    let mime = file.mime_type.clone().unwrap_or_else(|| "audio/mpeg".to_owned());
    let tagged = match (&file.performer, &file.title) {
        (Some(performer), Some(title)) => Some(format!("{performer} - {title}")),
        (_, title) => title.clone(),
    };
    let name = file.file_name.clone().unwrap_or_else(|| {
        let stem = tagged.unwrap_or_else(|| format!("audio_{message_id}"));
        format!("{stem}.{}", inbound::extension(&mime))
    });
    media(file, Kind::Audio, name, mime)
}

fn media(file: &FileObject, kind: Kind, name: String, mime: String) -> Media {
    Media {
        reference: file.file_id.clone(),
        kind: kind.into(),
        name,
        mime,
        size: file.file_size.unwrap_or_default(),
        unique_id: file.file_unique_id.clone(),
    }
}
