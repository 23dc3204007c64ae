//! Buttons, as WhatsApp has them: up to three under a message, up to ten in a list, or one that opens an address.

use serde_json::{Value, json};
use weft_channel::{Button, Outbound, plan::payload};

use crate::Account;

pub(super) const MAX_BODY: usize = 1024;
const MAX_BUTTONS: usize = 3;
const MAX_BUTTON_TITLE: usize = 20;
const MAX_ROW_TITLE: usize = 24;
const MAX_ROWS: usize = 10;

/// Where the choices stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    Buttons,
    List,
    Link,
}

/// The layout that takes all choices of a message with this text; none: they have to become text.
pub(super) fn layout(message: &Outbound) -> Option<Layout> {
    if message.text.chars().count() > MAX_BODY {
        return None;
    }
    let titles_fit =
        |limit: usize| message.buttons.iter().all(|button| button.title.chars().count() <= limit);
    if let [Button { url: Some(_), .. }] = message.buttons.as_slice() {
        return titles_fit(MAX_BUTTON_TITLE).then_some(Layout::Link);
    }
    if message.buttons.iter().any(|button| button.url.is_some()) {
        return None;
    }
    match message.buttons.len() {
        ..=MAX_BUTTONS if titles_fit(MAX_BUTTON_TITLE) => Some(Layout::Buttons),
        ..=MAX_ROWS if titles_fit(MAX_ROW_TITLE) => Some(Layout::List),
        _ => None,
    }
}

/// A message with choices, below a file if there is a header.
pub(super) fn interactive(
    account: &Account,
    message: &Outbound,
    layout: Layout,
    header: Option<Value>,
) -> Value {
    let (kind, action) = match layout {
        Layout::Buttons => {
            ("button", json!({"buttons": message.buttons.iter().map(reply).collect::<Vec<_>>()}))
        }
        Layout::List => {
            let rows: Vec<Value> = message.buttons.iter().map(row).collect();
            ("list", json!({"button": account.list_button, "sections": [{"rows": rows}]}))
        }
        Layout::Link => ("cta_url", link(&message.buttons)),
    };
    // it cannot be empty
    let text = if message.text.trim().is_empty() { &account.list_button } else { &message.text };
    let mut body = json!({"type": kind, "body": {"text": text}, "action": action});
    if let (Some(header), Some(fields)) = (header, body.as_object_mut()) {
        fields.insert("header".to_owned(), header);
    }
    body
}

fn reply(button: &Button) -> Value {
    json!({"type": "reply", "reply": {"id": payload(button), "title": button.title}})
}

fn row(button: &Button) -> Value {
    json!({"id": payload(button), "title": button.title})
}

fn link(buttons: &[Button]) -> Value {
    let (title, url) = match buttons {
        [button, ..] => (button.title.as_str(), button.url.as_deref()),
        [] => ("", None),
    };
    json!({"name": "cta_url", "parameters": {"display_text": title, "url": url}})
}
