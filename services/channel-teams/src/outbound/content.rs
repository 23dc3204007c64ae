use serde_json::{Map, Value, json};
use weft_channel::{Attachment, Button, Files, Outbound, SendError, attachment::Kind, plan};

use super::markdown::markdown;

/// What Teams shows of pictures.
const MAX_IMAGE_BYTES: usize = 1_000_000;
const CARD: &str = "application/vnd.microsoft.card.adaptive";

/// An activity; what does not go as it is told in `warnings`.
pub(crate) fn of(
    message: &Outbound,
    files: &Files,
    warnings: &mut Vec<String>,
) -> Result<Map<String, Value>, SendError> {
    let shown = match message.attachments.first() {
        Some(attachment) => file(attachment, files, warnings)?,
        None if message.text.is_empty() => return Err(SendError::message_invalid("it is empty")),
        None => match &message.rich {
            // words in a card are shown line by line
            Some(rich) if message.buttons.is_empty() => Shown::Marked(markdown(rich)),
            _ => Shown::Text(message.text.clone()),
        },
    };
    let mut activity = Map::new();
    activity.insert("type".to_owned(), "message".into());
    match shown {
        shown if !message.buttons.is_empty() => {
            activity.insert("attachments".to_owned(), json!([card(&shown, &message.buttons)]));
        }
        Shown::Text(text) => plain(&mut activity, text),
        Shown::Marked(text) => {
            activity.insert("text".to_owned(), text.into());
            activity.insert("textFormat".to_owned(), "markdown".into());
        }
        Shown::File { name, link } => plain(&mut activity, format!("{name}\n{link}")),
        Shown::Image { name, mime, link } => {
            let picture = json!({"contentType": mime, "contentUrl": link, "name": name});
            activity.insert("attachments".to_owned(), json!([picture]));
        }
    }
    Ok(activity)
}

fn plain(activity: &mut Map<String, Value>, text: String) {
    activity.insert("text".to_owned(), text.into());
    activity.insert("textFormat".to_owned(), "plain".into());
}

enum Shown {
    Text(String),
    /// Markdown.
    Marked(String),
    File {
        name: String,
        link: String,
    },
    Image {
        name: String,
        mime: String,
        link: String,
    },
}

/// Pictures are shown by their address. For other files Teams wants the contact's consent and a place in their own store:
/// they go as links.
fn file(attachment: &Attachment, files: &Files, warnings: &mut Vec<String>) -> Result<Shown, SendError> {
    let (file, link) = (files.get(attachment)?, files.link(attachment)?.to_string());
    let name = attachment.name.clone();
    let is_shown = matches!(file.mime.as_str(), "image/png" | "image/jpeg" | "image/gif");
    if attachment.kind() == Kind::Image && is_shown && file.bytes.len() <= MAX_IMAGE_BYTES {
        return Ok(Shown::Image { name, mime: file.mime.clone(), link });
    }
    warnings.push(format!("Teams does not show such files: “{name}” was sent as a link"));
    Ok(Shown::File { name, link })
}

fn card(shown: &Shown, buttons: &[Button]) -> Value {
    let mut actions: Vec<Value> = buttons.iter().map(action).collect();
    let body: Vec<Value> = match shown {
        // one line each: a block would run them together
        Shown::Text(text) | Shown::Marked(text) => {
            text.lines().filter(|line| !line.trim().is_empty()).map(line).collect()
        }
        Shown::File { name, link } => {
            // an address in the words of a card leads nowhere
            actions.insert(0, open(name, link));
            vec![line(name)]
        }
        Shown::Image { name, link, .. } => vec![json!({"type": "Image", "url": link, "altText": name})],
    };
    let content = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
        "actions": actions,
    });
    json!({"contentType": CARD, "content": content})
}

fn line(text: &str) -> Value {
    json!({"type": "TextBlock", "text": text, "wrap": true})
}

fn action(button: &Button) -> Value {
    let title = &button.title;
    match &button.url {
        Some(url) => open(title, url),
        None => {
            let data = json!({"choice": plan::payload(button), "title": title});
            json!({"type": "Action.Submit", "title": title, "data": data})
        }
    }
}

fn open(title: &str, url: &str) -> Value {
    json!({"type": "Action.OpenUrl", "title": title, "url": url})
}
