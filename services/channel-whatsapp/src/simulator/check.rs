//! What the Cloud API refuses of a message's content.

use serde_json::Value;

use super::{media, refusal::Refusal, state::State, templates};

const MAX_TEXT: usize = 4096;
const MAX_CAPTION: usize = 1024;
const MAX_BODY: usize = 1024;

/// What is known of a content that can be sent.
#[derive(Debug, Default)]
pub(super) struct Checked {
    pub(super) text: String,
    pub(super) file_bytes: Option<usize>,
}

/// Checks a message's content.
pub(super) fn check(state: &State, kind: &str, content: &Value) -> Result<Checked, Refusal> {
    match kind {
        "text" => {
            let text = within("text['body']", text(content, "body")?, MAX_TEXT)?;
            Ok(Checked { text, file_bytes: None })
        }
        "image" | "video" | "audio" | "document" | "sticker" => file(state, kind, content),
        "location" => match (number(content, "latitude"), number(content, "longitude")) {
            (Some(_), Some(_)) => Ok(Checked::default()),
            _ => Err(Refusal::parameter("latitude and longitude are required")),
        },
        "contacts" => contacts(content),
        "template" => templates::check(state, content),
        "interactive" => interactive(state, content),
        "reaction" => {
            text(content, "message_id")?;
            let emoji = content.get("emoji").and_then(Value::as_str);
            let emoji = emoji.ok_or_else(|| Refusal::parameter("The parameter emoji is required."))?;
            Ok(Checked { text: emoji.to_owned(), file_bytes: None })
        }
        _ => Err(Refusal::new(400, 131_051, format!("Message type {kind} is not supported"))),
    }
}

fn file(state: &State, kind: &str, content: &Value) -> Result<Checked, Refusal> {
    let id = content.get("id").and_then(Value::as_str);
    let id = id.ok_or_else(|| Refusal::new(400, 131_052, "the simulator fetches no links"))?;
    let file =
        state.media.get(id).ok_or_else(|| Refusal::parameter(format!("{kind}['id'] is not a media")))?;
    media::check(kind, file)?;
    let caption = content.get("caption").and_then(Value::as_str).unwrap_or_default();
    if !caption.is_empty() && matches!(kind, "audio" | "sticker") {
        return Err(Refusal::parameter(format!("Unexpected key \"caption\" on param \"{kind}\"")));
    }
    let text = within("caption", caption, MAX_CAPTION)?;
    Ok(Checked { text, file_bytes: Some(file.bytes.len()) })
}

fn contacts(content: &Value) -> Result<Checked, Refusal> {
    let cards = content.as_array().filter(|cards| !cards.is_empty());
    let cards = cards.ok_or_else(|| Refusal::parameter("contacts is required"))?;
    for card in cards {
        let name = card.get("name").ok_or_else(|| Refusal::parameter("contacts['name'] is required"))?;
        text(name, "formatted_name")?;
        text(name, "first_name")?;
    }
    Ok(Checked::default())
}

fn interactive(state: &State, content: &Value) -> Result<Checked, Refusal> {
    let body = content.get("body").ok_or_else(|| Refusal::parameter("interactive['body'] is required"))?;
    let text_of_body = within("interactive['body']", text(body, "text")?, MAX_BODY)?;
    let action =
        content.get("action").ok_or_else(|| Refusal::parameter("interactive['action'] is required"))?;
    let kind = text(content, "type")?;
    match kind {
        "button" => {
            let buttons = list(action, "/buttons", 3)?;
            for button in buttons.iter().filter_map(|button| button.get("reply")) {
                within("button title", text(button, "title")?, 20)?;
                within("button id", text(button, "id")?, 256)?;
            }
        }
        "list" => {
            within("list button", text(action, "button")?, 20)?;
            for row in list(action, "/sections/0/rows", 10)? {
                within("row title", text(row, "title")?, 24)?;
                within("row id", text(row, "id")?, 200)?;
            }
        }
        "cta_url" => {
            let parameters = action.get("parameters").unwrap_or(&Value::Null);
            within("display_text", text(parameters, "display_text")?, 20)?;
            text(parameters, "url")?;
        }
        "product" => {
            text(action, "catalog_id")?;
            text(action, "product_retailer_id")?;
        }
        "product_list" => {
            text(action, "catalog_id")?;
            list(action, "/sections", 10)?;
            let header = content.get("header").unwrap_or(&Value::Null);
            within("interactive['header']", text(header, "text")?, 60)?;
            return Ok(Checked { text: text_of_body, file_bytes: None });
        }
        "catalog_message" => drop(text(action, "name")?),
        _ => return Err(Refusal::parameter(format!("interactive['type'] {kind} is not played"))),
    }
    let Some(header) = content.get("header") else {
        return Ok(Checked { text: text_of_body, file_bytes: None });
    };
    let media = text(header, "type")?;
    if !matches!(kind, "button" | "cta_url") || !matches!(media, "image" | "video" | "document") {
        return Err(Refusal::parameter("interactive['header'] cannot stand here"));
    }
    let file = file(state, media, header.get(media).unwrap_or(&Value::Null))?;
    Ok(Checked { text: text_of_body, ..file })
}

fn text<'a>(content: &'a Value, field: &str) -> Result<&'a str, Refusal> {
    let given = content.get(field).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    given.ok_or_else(|| Refusal::parameter(format!("The parameter {field} is required.")))
}

fn number(content: &Value, field: &str) -> Option<f64> {
    content.get(field).and_then(Value::as_f64)
}

fn within(what: &str, text: &str, most: usize) -> Result<String, Refusal> {
    if text.chars().count() > most {
        return Err(Refusal::parameter(format!("Param {what} must be at most {most} characters long.")));
    }
    Ok(text.to_owned())
}

fn list<'a>(content: &'a Value, pointer: &str, most: usize) -> Result<&'a [Value], Refusal> {
    let items = content.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if items.is_empty() || items.len() > most {
        return Err(Refusal::parameter(format!("{pointer} must have 1 to {most} items")));
    }
    Ok(items)
}
