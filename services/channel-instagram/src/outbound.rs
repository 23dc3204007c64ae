//! One part of a message into one message.

use serde_json::json;
use weft_channel::{Attachment, File, Files, Outbound, Receipt, SendError, Transport, attachment::Kind};
use weft_meta_graph::messaging::{Letter, Limits, Words, attachment, words};

use crate::{Account, MAX_TEXT};

const LIMITS: Limits = Limits { chars: MAX_TEXT, bytes: Some(MAX_TEXT) };
const MAX_IMAGE: usize = 8_000_000;

/// Sends one part.
pub(crate) async fn send(
    account: &Account,
    message: &Outbound,
    files: &Files,
    transport: &dyn Transport,
) -> Result<Receipt, SendError> {
    let content = match message.attachments.first() {
        Some(given) => with_file(message, given, files)?,
        None => words(message, LIMITS)?,
    };
    let letter = Letter { content: content.fields, reply_to: None, file: None };
    let mid = account.desk().send(message, &letter, transport).await?;
    Ok(Receipt { warnings: content.warnings, ..Receipt::of(mid) })
}

/// Instagram fetches files itself. What it does not know goes as a link.
fn with_file(message: &Outbound, given: &Attachment, files: &Files) -> Result<Words, SendError> {
    let (file, link) = (files.get(given)?, files.link(given)?);
    if let Some(kind) = kind(given.kind(), file) {
        let fields = attachment(message, kind, json!({"url": link}))?;
        return Ok(Words { fields, warnings: Vec::new() });
    }
    let name = &given.name;
    let text = format!("{name}\n{link}");
    if text.len() > MAX_TEXT {
        return Err(SendError::message_invalid(format!("the link to the file “{name}” is too long")));
    }
    let as_text = Outbound { text, attachments: Vec::new(), ..message.clone() };
    let Words { fields, mut warnings } = words(&as_text, LIMITS)?;
    warnings.push(format!("Instagram does not take such files: “{name}” was sent as a link"));
    Ok(Words { fields, warnings })
}

/// The kind that takes this file.
fn kind(wanted: Kind, file: &File) -> Option<&'static str> {
    let mime = file.mime.split(';').next().unwrap_or_default().trim();
    match (wanted, mime) {
        (Kind::Image | Kind::Sticker, "image/png" | "image/jpeg" | "image/gif")
            if file.bytes.len() <= MAX_IMAGE =>
        {
            Some("image")
        }
        (
            Kind::Audio | Kind::Voice,
            "audio/aac" | "audio/mp4" | "audio/x-m4a" | "audio/m4a" | "audio/wav" | "audio/x-wav",
        ) => Some("audio"),
        (Kind::Video, "video/mp4" | "video/ogg" | "video/x-msvideo" | "video/quicktime" | "video/webm") => {
            Some("video")
        }
        (Kind::File, "application/pdf") => Some("file"),
        _ => None,
    }
}
