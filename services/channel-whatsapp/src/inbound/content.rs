use serde_json::Value;
use weft_channel::{
    ContactCard, Location, Media, MessageReceived, attachment::Kind, inbound, plan::card_as_text,
};

use super::{order, people::international};
use crate::wire::{Card, Content, FileObject, Interactive, Place};

/// The server says so of a message whose content it does not have.
const UNAVAILABLE: i64 = 131_060;

/// What a message shows; whatever is newer than this code becomes `unsupported`, with the message as it came.
pub(super) fn shown(content: &Content, raw: &Value) -> MessageReceived {
    known(content, raw).unwrap_or_else(|| MessageReceived {
        text: caption(raw, &content.kind),
        unsupported: Some(name(content)),
        raw: Some(raw.to_string()),
        ..MessageReceived::default()
    })
}

fn known(content: &Content, raw: &Value) -> Option<MessageReceived> {
    match content.kind.as_str() {
        "text" => content.text.as_ref().map(|text| words(text.body.clone())),
        "image" => content.image.as_ref().map(|file| with_file(file, Kind::Image, "image")),
        "video" => content.video.as_ref().map(|file| with_file(file, Kind::Video, "video")),
        "audio" => content.audio.as_ref().map(|file| match file.voice {
            true => with_file(file, Kind::Voice, "voice"),
            false => with_file(file, Kind::Audio, "audio"),
        }),
        "voice" => content.voice.as_ref().map(|file| with_file(file, Kind::Voice, "voice")),
        "document" => content.document.as_ref().map(|file| with_file(file, Kind::File, "document")),
        "sticker" => content.sticker.as_ref().map(|file| with_file(file, Kind::Sticker, "sticker")),
        "location" => content.location.as_ref().map(place),
        "contacts" => content.contacts.as_deref().and_then(cards),
        "button" => {
            let button = content.button.as_ref()?;
            Some(chosen(&button.text, &button.payload))
        }
        "interactive" => content.interactive.as_ref().and_then(answer),
        "order" => {
            let order = content.order.as_ref()?;
            let raw = raw.get("order").map(Value::to_string);
            Some(MessageReceived { raw, order: Some(order::of(order)), ..words(order::as_text(order)) })
        }
        _ => None,
    }
}

fn name(content: &Content) -> String {
    if content.kind != "unsupported" {
        return content.kind.clone();
    }
    let named = content.unsupported.as_ref().and_then(|what| what.kind.clone());
    let is_unavailable = content.errors.iter().any(|fault| fault.code == UNAVAILABLE);
    let otherwise = if is_unavailable { "unavailable" } else { "unsupported" };
    named.unwrap_or_else(|| otherwise.to_owned())
}

/// The words under something unknown, if they are where they usually are.
fn caption(raw: &Value, kind: &str) -> String {
    let caption = raw.get(kind).and_then(|content| content.get("caption")).and_then(Value::as_str);
    caption.unwrap_or_default().to_owned()
}

fn words(text: String) -> MessageReceived {
    MessageReceived { text, ..MessageReceived::default() }
}

fn with_file(file: &FileObject, kind: Kind, word: &str) -> MessageReceived {
    let mime = file.mime_type.split(';').next().unwrap_or_default().trim();
    let name =
        file.filename.clone().unwrap_or_else(|| format!("{word}_{}.{}", file.id, inbound::extension(mime)));
    let media = Media {
        reference: file.id.clone(),
        kind: kind.into(),
        name,
        mime: mime.to_owned(),
        ..Media::default()
    };
    MessageReceived { media: vec![media], ..words(file.caption.clone().unwrap_or_default()) }
}

fn place(place: &Place) -> MessageReceived {
    let location = Location {
        latitude: place.latitude,
        longitude: place.longitude,
        title: place.name.clone(),
        address: place.address.clone(),
    };
    MessageReceived { location: Some(location), ..MessageReceived::default() }
}

/// A message shows one card; further ones are written out.
fn cards(cards: &[Card]) -> Option<MessageReceived> {
    let (first, others) = cards.split_first()?;
    let others: Vec<String> = others.iter().map(|other| card_as_text(&card(other))).collect();
    Some(MessageReceived { contact_card: Some(card(first)), ..words(others.join("\n\n")) })
}

fn card(card: &Card) -> ContactCard {
    let phones = card
        .phones
        .iter()
        .filter_map(|phone| phone.phone.clone().or_else(|| phone.wa_id.as_deref().map(international)));
    ContactCard {
        name: card.name.formatted_name.clone(),
        phones: phones.collect(),
        emails: card.emails.iter().filter_map(|email| email.email.clone()).collect(),
    }
}

fn chosen(title: &str, payload: &str) -> MessageReceived {
    let text = if title.is_empty() { payload } else { title };
    MessageReceived { postback: Some(payload.to_owned()), ..words(text.to_owned()) }
}

fn answer(interactive: &Interactive) -> Option<MessageReceived> {
    if let Some(choice) = interactive.button_reply.as_ref().or(interactive.list_reply.as_ref()) {
        return Some(chosen(&choice.title, &choice.id));
    }
    let form = interactive.nfm_reply.as_ref()?;
    Some(MessageReceived { postback: Some(form.response_json.clone()), ..words(order::form_as_text(form)) })
}
