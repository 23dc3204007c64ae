//! The parts of a mail that are not its words.

use std::collections::HashMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use mail_parser::{Message, MessagePart, MimeHeaders as _, PartType};
use sha2::{Digest as _, Sha256};

use super::headers::Headers;

/// Pictures in the text beyond this are left out of it.
const MOST_PICTURE_BYTES: usize = 8_000_000;
const LONGEST_NAME: usize = 150;
const MOST_PARTS: usize = 1000;

/// A file of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MailFile {
    pub(crate) name: String,
    pub(crate) mime: String,
    pub(crate) size: usize,
    /// It is a picture inside the text.
    pub(crate) is_inline: bool,
    pub(crate) digest: Vec<u8>,
}

/// The files, in order.
pub(crate) fn files(message: &Message<'_>, html: Option<&str>) -> Vec<MailFile> {
    attached(message)
        .enumerate()
        .map(|(index, part)| {
            let bytes = bytes(part);
            MailFile {
                name: name(part, index),
                mime: mime(part),
                size: bytes.len(),
                is_inline: html.is_some_and(|html| is_shown(part, html)),
                digest: Sha256::digest(bytes).to_vec(),
            }
        })
        .collect()
}

/// The content of one of them.
pub(crate) fn content(message: &Message<'_>, index: usize) -> Option<Vec<u8>> {
    attached(message).nth(index).map(|part| bytes(part).to_vec())
}

/// Pictures that the text shows, by what it calls them, as it can carry them itself.
pub(crate) fn pictures(message: &Message<'_>, html: &str) -> HashMap<String, String> {
    let mut left = MOST_PICTURE_BYTES;
    let mut pictures = HashMap::new();
    for part in attached(message).filter(|part| is_shown(part, html)) {
        let (mime, bytes) = (mime(part), bytes(part));
        let is_picture = matches!(mime.as_str(), "image/png" | "image/jpeg" | "image/gif" | "image/webp");
        if !is_picture || bytes.len() > left {
            continue;
        }
        left -= bytes.len();
        let data = format!("data:{mime};base64,{}", STANDARD.encode(bytes));
        let names = [part.content_id().map(bare), part.content_location().map(str::to_owned)];
        pictures.extend(names.into_iter().flatten().map(|name| (name, data.clone())));
    }
    pictures
}

/// Calendars that came along.
pub(crate) fn calendars(message: &Message<'_>) -> Vec<String> {
    let is_calendar = |part: &&MessagePart<'_>| mime(part) == "text/calendar";
    let calendars = message.parts.iter().take(MOST_PARTS).filter(is_calendar);
    calendars.take(3).map(|part| String::from_utf8_lossy(bytes(part)).into_owned()).collect()
}

/// The first part of a type, as text.
pub(crate) fn of_type(message: &Message<'_>, kind: &str, sub: &str) -> Option<String> {
    let wanted = format!("{kind}/{sub}");
    let part = message.parts.iter().take(MOST_PARTS).find(|part| mime(part) == wanted)?;
    Some(String::from_utf8_lossy(bytes(part)).into_owned())
}

/// The id of the mail that a report sends back, whole or its head alone.
pub(crate) fn returned_id(message: &Message<'_>) -> Option<String> {
    message.parts.iter().take(MOST_PARTS).find_map(|part| {
        let head = match mime(part).as_str() {
            "message/rfc822" | "text/rfc822-headers" | "message/rfc822-headers" | "message/global" => {
                bytes(part)
            }
            _ => return None,
        };
        Headers::read(head).ids("message-id").into_iter().next()
    })
}

fn attached<'a, 'x>(message: &'a Message<'x>) -> impl Iterator<Item = &'a MessagePart<'x>> {
    let parts = message.attachments.iter().take(MOST_PARTS);
    parts.filter_map(|id| message.parts.get(usize::try_from(*id).ok()?))
}

/// What a part holds; of a mail within a mail, the whole of it.
fn bytes<'a>(part: &'a MessagePart<'_>) -> &'a [u8] {
    match &part.body {
        PartType::Message(inner) => inner.raw_message(),
        _ => part.contents(),
    }
}

fn mime(part: &MessagePart<'_>) -> String {
    if let PartType::Message(_) = part.body {
        return "message/rfc822".to_owned();
    }
    let is_fine = |text: &str| {
        !text.is_empty()
            && text.len() < 100
            && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'/' && byte != b';')
    };
    let given = part.content_type().and_then(|kind| Some((kind.ctype(), kind.subtype()?)));
    match given {
        Some((kind, sub)) if is_fine(kind) && is_fine(sub) => format!("{kind}/{sub}").to_lowercase(),
        _ => match part.body {
            PartType::Text(_) => "text/plain".to_owned(),
            PartType::Html(_) => "text/html".to_owned(),
            _ => "application/octet-stream".to_owned(),
        },
    }
}

/// A name that is safe as a file's: no path, nothing that cannot be seen.
fn name(part: &MessagePart<'_>, index: usize) -> String {
    let inner = match &part.body {
        PartType::Message(inner) => inner.subject().map(|subject| format!("{subject}.eml")),
        _ => None,
    };
    let given = part.attachment_name().map(str::to_owned).or(inner).unwrap_or_default();
    let base = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = base.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
    let clean = clean.trim().trim_start_matches('.').trim();
    if !clean.is_empty() {
        return clean.to_owned();
    }
    let kind = mime(part);
    let ending = kind.split_once('/').map_or("bin", |(_, sub)| match sub {
        "plain" => "txt",
        "calendar" => "ics",
        "rfc822" => "eml",
        "jpeg" => "jpg",
        "octet-stream" => "bin",
        sub if sub.len() <= 5 && sub.bytes().all(|byte| byte.is_ascii_alphanumeric()) => sub,
        _ => "bin",
    });
    format!("file-{}.{ending}", index + 1)
}

/// Whether the text shows this part.
fn is_shown(part: &MessagePart<'_>, html: &str) -> bool {
    let named = |id: &str| {
        html.contains(&format!("cid:{id}")) || html.contains(&format!("cid:{}", id.replace('@', "%40")))
    };
    let by_id = part.content_id().map(bare).filter(|id| !id.is_empty());
    // shorter names stand in any text
    let by_place = part.content_location().filter(|place| place.len() > 3);
    by_id.is_some_and(|id| named(&id)) || by_place.is_some_and(|place| html.contains(place))
}

fn bare(id: &str) -> String {
    id.trim_matches(['<', '>', ' ']).to_owned()
}
