use serde_json::{Map, Value, json};
use weft_channel::{Button, Outbound, Receipt, SendError, Transport, author::Kind, plan};

use super::{destination::Destination, looks::marked, text::mrkdwn};
use crate::{Account, api, wire::Posted};

/// What one section of a message can hold.
const MAX_SECTION: usize = 3000;
/// The most that escaping makes of one character, as in `&amp;`.
const LONGEST_ESCAPE: usize = 5;

/// Posts words, with buttons under them.
pub(super) async fn send(
    account: &Account,
    message: &Outbound,
    transport: &dyn Transport,
) -> Result<Receipt, SendError> {
    if message.text.is_empty() {
        return Err(SendError::message_invalid("it is empty"));
    }
    let words = marked(&message.text, message.rich.as_ref());
    let to = Destination::of(message);
    let mut body = Map::new();
    body.insert("channel".to_owned(), to.channel.into());
    body.insert("text".to_owned(), mrkdwn(&words).into());
    body.insert("unfurl_links".to_owned(), false.into());
    // Slack has no key for a repeated call: this shows people which message of ours it is
    let payload = json!({"event_type": "weft_message", "event_payload": {"id": message.message_id}});
    body.insert("metadata".to_owned(), payload);
    if let Some(ts) = to.thread_ts {
        body.insert("thread_ts".to_owned(), ts.into());
    }
    if !message.buttons.is_empty() {
        body.insert("blocks".to_owned(), blocks(&words, &message.buttons).into());
    }
    if let Some(name) = shown_name(account, message) {
        body.insert("username".to_owned(), name.into());
    }
    let call = api::json(account, "chat.postMessage", Value::Object(body))?;
    let posted: Posted = api::result(call, transport).await?;
    let id = format!("{}:{}", posted.channel, posted.ts);
    Ok(Receipt { warnings: to.warnings, ..Receipt::of(id) })
}

/// Words with buttons under them.
pub(crate) fn blocks(text: &str, buttons: &[Button]) -> Vec<Value> {
    let whole = plan::split(text, MAX_SECTION, None);
    let fits = whole.iter().all(|piece| mrkdwn(piece).chars().count() <= MAX_SECTION);
    let pieces = if fits { whole } else { plan::split(text, MAX_SECTION / LONGEST_ESCAPE, None) };
    let section =
        |piece: &String| json!({"type": "section", "text": {"type": "mrkdwn", "text": mrkdwn(piece)}});
    let elements: Vec<Value> = buttons.iter().enumerate().map(|(index, it)| button(index, it)).collect();
    let mut blocks: Vec<Value> = pieces.iter().map(section).collect();
    blocks.push(json!({"type": "actions", "elements": elements}));
    blocks
}

fn button(index: usize, button: &Button) -> Value {
    let number = index + 1;
    let text = json!({"type": "plain_text", "text": button.title});
    let (what, content) = match &button.url {
        Some(url) => ("url", url.as_str()),
        None => ("value", plan::payload(button)),
    };
    json!({"type": "button", "action_id": format!("choice_{number}"), "text": text, what: content})
}

fn shown_name<'a>(account: &Account, message: &'a Outbound) -> Option<&'a str> {
    let author = message.author.as_ref().filter(|author| author.kind() == Kind::Agent)?;
    Some(author.name.as_str()).filter(|name| account.show_agent_names && !name.is_empty())
}
