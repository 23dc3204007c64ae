use serde_json::{Map, Value, json};
use weft_channel::{Button, Outbound, Receipt, RichText, SendError, Transport, author::Kind, plan};

use super::{
    destination::Destination,
    looks,
    text::{escaped, mrkdwn},
};
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
    let rich = message.rich.as_ref();
    let words = looks::words(&message.text, rich);
    let to = Destination::of(message);
    let mut warnings = to.warnings;
    let mut body = Map::new();
    body.insert("channel".to_owned(), to.channel.into());
    body.insert("text".to_owned(), words.clone().into());
    body.insert("unfurl_links".to_owned(), false.into());
    // Slack has no key for a repeated call: this shows people which message of ours it is
    let payload = json!({"event_type": "weft_message", "event_payload": {"id": message.message_id}});
    body.insert("metadata".to_owned(), payload);
    if let Some(ts) = to.thread_ts {
        body.insert("thread_ts".to_owned(), ts.into());
    }
    if !message.buttons.is_empty() {
        body.insert("blocks".to_owned(), blocks(&message.text, rich, &message.buttons).into());
        if rich.is_some() && !is_one_section(&words) {
            warnings.push("too long for formatting above buttons: it went as plain text".to_owned());
        }
    }
    if let Some(name) = shown_name(account, message) {
        body.insert("username".to_owned(), name.into());
    }
    let call = api::json(account, "chat.postMessage", Value::Object(body))?;
    let posted: Posted = api::result(call, transport).await?;
    let id = format!("{}:{}", posted.channel, posted.ts);
    Ok(Receipt { warnings, ..Receipt::of(id) })
}

/// Words with buttons under them. Looks hold within one section: longer words go without.
pub(crate) fn blocks(text: &str, rich: Option<&RichText>, buttons: &[Button]) -> Vec<Value> {
    let looked = rich.map(|rich| looks::words(text, Some(rich)));
    let sections = match looked {
        Some(words) if is_one_section(&words) => vec![words],
        Some(_) => sections(text, escaped),
        None => sections(text, mrkdwn),
    };
    let section = |words: String| json!({"type": "section", "text": {"type": "mrkdwn", "text": words}});
    let elements: Vec<Value> = buttons.iter().enumerate().map(|(index, it)| button(index, it)).collect();
    let mut blocks: Vec<Value> = sections.into_iter().map(section).collect();
    blocks.push(json!({"type": "actions", "elements": elements}));
    blocks
}

fn sections(text: &str, written: fn(&str) -> String) -> Vec<String> {
    let all = |most| plan::split(text, most, None).iter().map(|piece| written(piece)).collect::<Vec<_>>();
    let whole = all(MAX_SECTION);
    if whole.iter().all(|words| is_one_section(words)) { whole } else { all(MAX_SECTION / LONGEST_ESCAPE) }
}

fn is_one_section(words: &str) -> bool {
    words.chars().count() <= MAX_SECTION
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

#[cfg(test)]
mod tests {
    use weft_channel::looks::{from_html, to_plain};

    use super::*;

    #[test]
    fn looks_above_buttons_hold_within_one_section() {
        let of = |html: &str| {
            let rich = from_html(html).unwrap();
            let blocks = blocks(&to_plain(&rich), Some(&rich), &[Button::default()]);
            let texts = blocks.iter().filter_map(|block| block.pointer("/text/text").cloned());
            texts.map(|text| text.as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(of("<b>a</b> **b** &amp;"), ["*a* **b** &amp;"]);
        let fits = "a".repeat(MAX_SECTION - 2);
        assert_eq!(of(&format!("<b>{fits}</b>")), [format!("*{fits}*")]);
        let long = "**a** & ".repeat(500);
        let sections = of(&format!("<b>{long}</b>"));
        assert!(sections.len() > 1 && sections.iter().all(|words| is_one_section(words)));
        assert_eq!(sections.join(" "), long.trim_end().replace('&', "&amp;"), "nothing in it is a mark");
    }
}
