use serde_json::{Value, json};
use weft_channel::{Attachment, Button, Files, Location, Outbound, SendError, attachment::Kind, plan};

use crate::Account;

const MAX_IMAGE_BYTES: usize = 10_000_000;

/// A message object; what does not go as it is told in `warnings`.
pub(super) fn of(
    account: &Account,
    message: &Outbound,
    files: &Files,
    warnings: &mut Vec<String>,
) -> Result<Value, SendError> {
    let mut content = match (message.attachments.first(), &message.location) {
        (Some(attachment), _) => file(account, attachment, files, warnings)?,
        (None, Some(location)) => place(location),
        (None, None) if message.text.is_empty() => return Err(SendError::message_invalid("it is empty")),
        (None, None) => json!({"type": "text", "text": message.text}),
    };
    if let (false, Some(fields)) = (message.buttons.is_empty(), content.as_object_mut()) {
        let items: Vec<Value> = message.buttons.iter().map(quick_reply).collect();
        fields.insert("quickReply".to_owned(), json!({"items": items}));
    }
    Ok(content)
}

/// LINE fetches pictures and films itself. It knows no other files, and of audio it wants the length, which nobody
/// has told us: those go as links.
fn file(
    account: &Account,
    attachment: &Attachment,
    files: &Files,
    warnings: &mut Vec<String>,
) -> Result<Value, SendError> {
    let (file, link) = (files.get(attachment)?, files.link(attachment)?);
    match (attachment.kind(), file.mime.as_str(), &account.video_preview) {
        (Kind::Image, "image/jpeg" | "image/png", _) if file.bytes.len() <= MAX_IMAGE_BYTES => {
            Ok(json!({"type": "image", "originalContentUrl": link, "previewImageUrl": link}))
        }
        (Kind::Video, "video/mp4", Some(preview)) => {
            Ok(json!({"type": "video", "originalContentUrl": link, "previewImageUrl": preview}))
        }
        _ => {
            let name = &attachment.name;
            warnings.push(format!("LINE does not show such files: “{name}” was sent as a link"));
            Ok(json!({"type": "text", "text": format!("{name}\n{link}")}))
        }
    }
}

/// LINE takes no place without title and address.
fn place(location: &Location) -> Value {
    let (latitude, longitude) = (location.latitude, location.longitude);
    let degrees = format!("{latitude}, {longitude}");
    let first = |texts: [&str; 3]| texts.into_iter().find(|text| !text.is_empty()).map(ToOwned::to_owned);
    json!({
        "type": "location",
        "title": first([&location.title, &location.address, &degrees]),
        "address": first([&location.address, &degrees, ""]),
        "latitude": latitude,
        "longitude": longitude,
    })
}

fn quick_reply(button: &Button) -> Value {
    let (title, data) = (&button.title, plan::payload(button));
    let action = json!({"type": "postback", "label": title, "data": data, "displayText": title});
    json!({"type": "action", "action": action})
}
