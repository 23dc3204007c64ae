//! What the graph refuses of a message's content.

use bytes::Bytes;
use serde_json::Value;

use super::{Rules, refusal::Refusal};

const MAX_CHOICES: usize = 13;
const MAX_TITLE: usize = 20;
const MAX_PAYLOAD: usize = 1000;
const MAX_BUTTONS: usize = 3;
const MAX_TEMPLATE_TEXT: usize = 640;
const MAX_METADATA: usize = 1000;

/// A file that came with a call.
#[derive(Debug)]
pub(super) struct Upload {
    pub(super) mime: String,
    pub(super) bytes: Bytes,
}

/// What is known of a message that can be sent.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) kind: String,
    pub(super) text: String,
}

/// Checks a message.
pub(super) fn check(rules: &Rules, message: &Value, file: Option<&Upload>) -> Result<Checked, Refusal> {
    let text = message.get("text").and_then(Value::as_str);
    let attachment = message.get("attachment");
    choices(message)?;
    if message.get("metadata").and_then(Value::as_str).is_some_and(|text| text.len() >= MAX_METADATA) {
        return Err(Refusal::parameter("Param message[metadata] must be less than 1000 characters."));
    }
    match (text, attachment) {
        (Some(_), Some(_)) => Err(Refusal::parameter(
            "Only one of the text, attachment, and dynamic_text fields can be specified",
        )),
        (None, None) => Err(Refusal::parameter("Must specify a text or an attachment")),
        (Some(text), None) => {
            let too_long = text.chars().count() > rules.max_chars || text.len() > rules.max_bytes;
            if text.trim().is_empty() || too_long {
                return Err(Refusal::parameter(
                    "Length of param message[text] must be less than or equal to the limit",
                ));
            }
            Ok(Checked { kind: "text".to_owned(), text: text.to_owned() })
        }
        (None, Some(attachment)) => attached(rules, attachment, file),
    }
}

fn choices(message: &Value) -> Result<(), Refusal> {
    let Some(choices) = message.get("quick_replies").and_then(Value::as_array) else { return Ok(()) };
    let fits = |choice: &Value| {
        let text = |name: &str| choice.get(name).and_then(Value::as_str).unwrap_or_default();
        let title = text("title").chars().count();
        text("content_type") != "text"
            || (1..=MAX_TITLE).contains(&title) && (1..=MAX_PAYLOAD).contains(&text("payload").len())
    };
    let all_fit = (1..=MAX_CHOICES).contains(&choices.len()) && choices.iter().all(fits);
    if all_fit {
        Ok(())
    } else {
        Err(Refusal::parameter("Param message[quick_replies] is too long or incomplete"))
    }
}

fn attached(rules: &Rules, attachment: &Value, file: Option<&Upload>) -> Result<Checked, Refusal> {
    let kind = attachment.get("type").and_then(Value::as_str).unwrap_or_default();
    let payload = attachment.get("payload").unwrap_or(&Value::Null);
    if kind == "template" {
        return template(payload);
    }
    let media = rules.media.iter().find(|media| media.kind == kind);
    let media =
        media.ok_or_else(|| Refusal::parameter(format!("attachment type {kind} is not supported")))?;
    match (file, payload.get("url").and_then(Value::as_str)) {
        (Some(_), _) if !rules.uploads => return Err(Refusal::parameter("filedata is not supported")),
        (Some(file), _) => {
            let essence = file.mime.split(';').next().unwrap_or_default().trim();
            let is_type = media.types.is_empty() || media.types.contains(&essence);
            if !is_type || file.bytes.len() > media.max_bytes {
                return Err(Refusal::new(400, 100, Some(2_018_047), "Upload attachment failure."));
            }
        }
        (None, Some(url)) if url.starts_with("https://") || url.starts_with("http://") => {}
        (None, _) => return Err(Refusal::parameter("attachment payload needs a url")),
    }
    Ok(Checked { kind: kind.to_owned(), text: String::new() })
}

fn template(payload: &Value) -> Result<Checked, Refusal> {
    let text = payload.get("text").and_then(Value::as_str).unwrap_or_default();
    let buttons = payload.get("buttons").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let title =
        |button: &Value| button.get("title").and_then(Value::as_str).map_or(0, |title| title.chars().count());
    let fits = payload.get("template_type").and_then(Value::as_str) == Some("button")
        && (1..=MAX_TEMPLATE_TEXT).contains(&text.chars().count())
        && (1..=MAX_BUTTONS).contains(&buttons.len())
        && buttons.iter().all(|button| (1..=MAX_TITLE).contains(&title(button)));
    if fits {
        Ok(Checked { kind: "template".to_owned(), text: text.to_owned() })
    } else {
        Err(Refusal::parameter("the template is too long or incomplete"))
    }
}
