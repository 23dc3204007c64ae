use weft_channel::{Location, Media, MessageReceived, attachment::Kind, inbound};

use super::long_text;
use weft_twilio::Fields;

/// More files than a message can have.
const MOST_FILES: usize = 50;
/// What a message can be besides files; any other type without words or files is newer than this code.
const KNOWN: [&str; 3] = ["text", "button", "interactive"];

/// What people see of a message; none when there is nothing.
pub(super) fn content(fields: &Fields, sid: &str) -> Option<MessageReceived> {
    let kind = fields.get("MessageType");
    let chosen = fields.get("ButtonPayload").or(fields.get("ListId"));
    let words =
        fields.get("Body").or(fields.get("ButtonText")).or(fields.get("ListTitle")).unwrap_or_default();
    let decoded = long_text::decoded(words);
    let count = fields.number("NumMedia").unwrap_or(0).min(MOST_FILES);
    let message = MessageReceived {
        // the original stays beside what we made of it
        raw: decoded.is_some().then(|| words.to_owned()),
        text: decoded.unwrap_or_else(|| words.to_owned()),
        media: (0..count).filter_map(|index| media(fields, sid, index)).collect(),
        location: location(fields),
        postback: chosen.map(str::to_owned),
        ..MessageReceived::default()
    };
    let has_content = !message.text.is_empty()
        || !message.media.is_empty()
        || message.location.is_some()
        || message.postback.is_some();
    if has_content {
        return Some(message);
    }
    let kind = kind.filter(|kind| !KNOWN.contains(kind))?;
    Some(MessageReceived { unsupported: Some(kind.to_owned()), raw: Some(fields.raw()), ..message })
}

fn location(fields: &Fields) -> Option<Location> {
    Some(Location {
        latitude: fields.number("Latitude").filter(|degrees: &f64| degrees.abs() <= 90.0)?,
        longitude: fields.number("Longitude").filter(|degrees: &f64| degrees.abs() <= 180.0)?,
        title: fields.get("Label").unwrap_or_default().to_owned(),
        address: fields.get("Address").unwrap_or_default().to_owned(),
    })
}

fn media(fields: &Fields, sid: &str, index: usize) -> Option<Media> {
    let reference = fields.get(&format!("MediaUrl{index}"))?.to_owned();
    let declared = fields.get(&format!("MediaContentType{index}")).unwrap_or("application/octet-stream");
    let mime = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let kind = kind(&mime, fields.get("MessageType"));
    let name = format!("{}_{}.{}", kind.as_str_name(), index + 1, inbound::extension(&mime));
    let unique_id = format!("{sid}:{index}");
    Some(Media { reference, kind: kind.into(), name, mime, size: 0, unique_id })
}

fn kind(mime: &str, message_type: Option<&str>) -> Kind {
    match (mime.split('/').next().unwrap_or_default(), mime, message_type) {
        ("image", _, Some("sticker")) => Kind::Sticker,
        ("image", ..) => Kind::Image,
        ("video", ..) => Kind::Video,
        // WhatsApp records in it, and nobody else sends it
        ("audio", "audio/ogg", _) => Kind::Voice,
        ("audio", ..) => Kind::Audio,
        _ => Kind::File,
    }
}
