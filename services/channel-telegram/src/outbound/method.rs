use serde_json::{Map, Value, json};
use weft_channel::{
    Attachment, ContactCard, File, Files, Location, Outbound, SendError, attachment::Kind, plan::card_as_text,
};

use super::{form::Form, words};

/// Photos have a limit of their own; a larger one goes as a file.
const MAX_PHOTO_BYTES: usize = 10_000_000;

/// The method for a part, and its own parameters.
pub(super) struct Request<'a> {
    pub(super) method: &'static str,
    pub(super) form: Form<'a>,
    pub(super) warnings: Vec<String>,
}

impl<'a> Request<'a> {
    fn new(method: &'static str, form: Form<'a>) -> Self {
        Self { method, form, warnings: Vec::new() }
    }
}

/// Chooses the method for a part.
pub(super) fn of<'a>(message: &Outbound, files: &'a Files) -> Result<Request<'a>, SendError> {
    if let Some(attachment) = message.attachments.first() {
        return Ok(with_file(attachment, files.get(attachment)?, message));
    }
    if let Some(location) = &message.location {
        return Ok(place(location));
    }
    if let Some(card) = &message.contact_card {
        return Ok(contact(card));
    }
    if message.text.trim().is_empty() {
        return Err(SendError::message_invalid("it is empty"));
    }
    Ok(text(words("text", &message.text, message.rich.as_ref())))
}

fn text<'a>(words: Map<String, Value>) -> Request<'a> {
    Request::new("sendMessage", Form::new(words.into()))
}

fn with_file<'a>(attachment: &Attachment, file: &'a File, message: &Outbound) -> Request<'a> {
    let (method, parameter) = match (attachment.kind(), file.mime.as_str()) {
        (Kind::Image, "image/gif") => ("sendAnimation", "animation"),
        (Kind::Image, "image/jpeg" | "image/png" | "image/webp") if file.bytes.len() <= MAX_PHOTO_BYTES => {
            ("sendPhoto", "photo")
        }
        (Kind::Video, "video/mp4") => ("sendVideo", "video"),
        (Kind::Voice, "audio/ogg" | "audio/mpeg" | "audio/mp4" | "audio/m4a" | "audio/x-m4a") => {
            ("sendVoice", "voice")
        }
        (Kind::Audio, "audio/mpeg" | "audio/mp4" | "audio/m4a" | "audio/x-m4a") => ("sendAudio", "audio"),
        (Kind::Sticker, "image/webp" | "video/webm" | "application/x-tgsticker") => {
            ("sendSticker", "sticker")
        }
        _ => ("sendDocument", "document"),
    };
    let caption = match message.text.is_empty() {
        true => Map::new(),
        false => words("caption", &message.text, message.rich.as_ref()),
    };
    Request::new(method, Form::with_file(parameter, file, caption))
}

fn place<'a>(location: &Location) -> Request<'a> {
    let (latitude, longitude) = (location.latitude, location.longitude);
    let mut parameters = json!({"latitude": latitude, "longitude": longitude});
    if location.title.is_empty() && location.address.is_empty() {
        return Request::new("sendLocation", Form::new(parameters));
    }
    // a venue needs both
    let or = |one: &String, other: &String| if one.is_empty() { other.clone() } else { one.clone() };
    set(&mut parameters, "title", or(&location.title, &location.address));
    set(&mut parameters, "address", or(&location.address, &location.title));
    Request::new("sendVenue", Form::new(parameters))
}

fn contact<'a>(card: &ContactCard) -> Request<'a> {
    let Some(phone) = card.phones.first() else {
        let mut request = text(words("text", &card_as_text(card), None));
        request.warnings.push("Telegram's contact cards need a phone number: it was sent as text".to_owned());
        return request;
    };
    let (first, last) = card.name.split_once(' ').unwrap_or((&card.name, ""));
    let mut parameters =
        json!({"phone_number": phone, "first_name": if first.is_empty() { phone } else { first }});
    if !last.is_empty() {
        set(&mut parameters, "last_name", last.to_owned());
    }
    if card.phones.len() > 1 || !card.emails.is_empty() {
        set(&mut parameters, "vcard", vcard(card));
    }
    Request::new("sendContact", Form::new(parameters))
}

fn set(parameters: &mut Value, name: &str, value: String) {
    if let Some(fields) = parameters.as_object_mut() {
        fields.insert(name.to_owned(), value.into());
    }
}

/// What a contact has besides name and one number. <https://www.rfc-editor.org/rfc/rfc6350>
fn vcard(card: &ContactCard) -> String {
    let escape = |text: &String| {
        text.replace('\\', "\\\\")
            .replace('\n', "\\n")
            .replace('\r', "")
            .replace(',', "\\,")
            .replace(';', "\\;")
    };
    let phones = card.phones.iter().map(|phone| format!("TEL:{}", escape(phone)));
    let emails = card.emails.iter().map(|email| format!("EMAIL:{}", escape(email)));
    let head = ["BEGIN:VCARD".to_owned(), "VERSION:3.0".to_owned(), format!("FN:{}", escape(&card.name))];
    let lines = head.into_iter().chain(phones).chain(emails).chain(["END:VCARD".to_owned()]);
    lines.collect::<Vec<_>>().join("\r\n")
}
