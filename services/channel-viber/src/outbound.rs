//! One part of a message into one call.

use serde_json::{Map, Value, json};
use weft_channel::{
    Attachment, Button, Files, Outbound, Receipt, SendError, Transport, attachment::Kind, plan,
};

use crate::{Account, errors};

/// Sends one part. Viber does not tell a repeated call.
pub(crate) async fn send(
    account: &Account,
    message: &Outbound,
    files: &Files,
    transport: &dyn Transport,
) -> Result<Receipt, SendError> {
    let mut body = Map::new();
    body.insert("receiver".to_owned(), json!(message.thread_id));
    body.insert("min_api_version".to_owned(), json!(1));
    let sender = match &account.avatar {
        Some(avatar) => json!({"name": account.bot_name, "avatar": avatar}),
        None => json!({"name": account.bot_name}),
    };
    body.insert("sender".to_owned(), sender);
    if let Value::Object(content) = content(message, files)? {
        body.extend(content);
    }
    if !message.buttons.is_empty() {
        let buttons: Vec<Value> = message.buttons.iter().map(button).collect();
        body.insert("keyboard".to_owned(), json!({"Type": "keyboard", "Buttons": buttons}));
    }
    let reply = transport.call(account.call("send_message", body.into())?).await?;
    let token = errors::read(&reply)?.message_token;
    let token =
        token.ok_or_else(|| SendError::Unreadable { why: "the answer names no message".to_owned() })?;
    Ok(Receipt::of(token.to_string()))
}

fn content(message: &Outbound, files: &Files) -> Result<Value, SendError> {
    if let Some(attachment) = message.attachments.first() {
        return file(attachment, files);
    }
    if let Some(location) = &message.location {
        return Ok(
            json!({"type": "location", "location": {"lat": location.latitude, "lon": location.longitude}}),
        );
    }
    let card = message.contact_card.as_ref();
    if let Some((card, phone)) = card.and_then(|card| Some((card, card.phones.first()?))) {
        return Ok(json!({"type": "contact", "contact": {"name": card.name, "phone_number": phone}}));
    }
    // Viber shows no card without a number
    let text = card.map_or_else(|| message.text.clone(), plan::card_as_text);
    if text.is_empty() {
        return Err(SendError::message_invalid("it is empty"));
    }
    Ok(json!({"type": "text", "text": text}))
}

/// Viber fetches files itself; pictures and films of other types than it shows go as files.
fn file(attachment: &Attachment, files: &Files) -> Result<Value, SendError> {
    let (file, link) = (files.get(attachment)?, files.link(attachment)?);
    let size = file.bytes.len();
    Ok(match (attachment.kind(), file.mime.as_str()) {
        (Kind::Image, "image/jpeg" | "image/png" | "image/gif") => {
            json!({"type": "picture", "text": "", "media": link})
        }
        (Kind::Video, "video/mp4") => json!({"type": "video", "media": link, "size": size}),
        _ => json!({"type": "file", "media": link, "size": size, "file_name": file.name}),
    })
}

fn button(button: &Button) -> Value {
    json!({
        "Columns": 6,
        "Rows": 1,
        "ActionType": "reply",
        "ActionBody": plan::payload(button),
        "Text": button.title,
    })
}
