use serde_json::{Map, Value, json};
use weft_channel::{ContactCard, Location, Outbound, SendError, plan::buttons_as_text};

use super::{
    choices::{interactive, layout},
    products,
};
use crate::Account;

const MAX_TEXT: usize = 4096;

/// What a message is made of, as WhatsApp wants it under the name of its kind.
pub(super) struct Content {
    pub(super) kind: &'static str,
    pub(super) body: Value,
    pub(super) warnings: Vec<String>,
}

impl Content {
    pub(super) fn new(kind: &'static str, body: Value) -> Self {
        Self { kind, body, warnings: Vec::new() }
    }
}

/// The content of a part without a file.
pub(super) fn of(account: &Account, message: &Outbound) -> Result<Content, SendError> {
    if let Some(location) = &message.location {
        return Ok(Content::new("location", place(location)));
    }
    if let Some(card) = &message.contact_card {
        return Ok(Content::new("contacts", json!([contact(card)])));
    }
    if message.text.trim().is_empty() && message.buttons.is_empty() {
        return Err(SendError::message_invalid("it is empty"));
    }
    if let Some(products) = &message.products {
        return products::of(message, products);
    }
    if message.buttons.is_empty() {
        return Ok(Content::new("text", json!({"preview_url": false, "body": message.text})));
    }
    match layout(message) {
        Some(layout) => Ok(Content::new("interactive", interactive(account, message, layout, None))),
        None => as_text(message),
    }
}

/// The text with its choices written out.
fn as_text(message: &Outbound) -> Result<Content, SendError> {
    let text = with_numbers(message);
    if text.chars().count() > MAX_TEXT {
        return Err(SendError::message_invalid("it is too long for WhatsApp together with its choices"));
    }
    let content = Content::new("text", json!({"preview_url": false, "body": text}));
    Ok(Content { warnings: vec![NUMBERED.to_owned()], ..content })
}

/// What an agent is told when choices became text.
pub(super) const NUMBERED: &str =
    "WhatsApp cannot show these choices as buttons: they were sent as numbered text";

pub(super) fn with_numbers(message: &Outbound) -> String {
    format!("{}\n\n{}", message.text, buttons_as_text(&message.buttons)).trim().to_owned()
}

pub(super) fn place(location: &Location) -> Value {
    let mut fields = Map::new();
    fields.insert("latitude".to_owned(), json!(location.latitude));
    fields.insert("longitude".to_owned(), json!(location.longitude));
    for (name, text) in [("name", &location.title), ("address", &location.address)] {
        if !text.is_empty() {
            fields.insert(name.to_owned(), json!(text));
        }
    }
    Value::Object(fields)
}

fn contact(card: &ContactCard) -> Value {
    // it cannot be without a name
    let otherwise = card.phones.first().or(card.emails.first()).cloned().unwrap_or_default();
    let name = if card.name.is_empty() { otherwise } else { card.name.clone() };
    let first = name.split(' ').next().unwrap_or_default().to_owned();
    let mut fields = Map::new();
    fields.insert("name".to_owned(), json!({"formatted_name": name, "first_name": first}));
    let lists = [("phones", "phone", &card.phones), ("emails", "email", &card.emails)];
    for (list, field, values) in lists.into_iter().filter(|(.., values)| !values.is_empty()) {
        let items =
            values.iter().map(|value| Value::Object(Map::from_iter([(field.to_owned(), json!(value))])));
        fields.insert(list.to_owned(), items.collect());
    }
    Value::Object(fields)
}
