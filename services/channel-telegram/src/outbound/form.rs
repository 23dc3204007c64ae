use serde_json::{Map, Value, json};
use weft_channel::{Button, File, Outbound, Part, ProviderCall, SendError, plan::payload};

use super::Destination;
use crate::{Account, api};

/// A method's parameters: JSON, or a multipart form when there is a file among them.
#[derive(Default)]
pub(super) struct Form<'a> {
    fields: Map<String, Value>,
    file: Option<(&'static str, &'a File)>,
}

impl<'a> Form<'a> {
    pub(super) fn new(fields: Value) -> Self {
        let object = match fields {
            Value::Object(object) => object,
            _ => Map::new(),
        };
        Self { fields: object, file: None }
    }

    pub(super) fn with_file(parameter: &'static str, file: &'a File, fields: Map<String, Value>) -> Self {
        Self { fields, file: Some((parameter, file)) }
    }

    /// Adds what every kind of message has: where it goes, what it answers, its buttons.
    pub(super) fn address(mut self, message: &Outbound, to: Destination) -> Result<Self, SendError> {
        let mut fields = Map::new();
        fields.insert("chat_id".to_owned(), to.chat.into());
        if let Some(topic) = to.topic {
            fields.insert("message_thread_id".to_owned(), topic.into());
        }
        fields.append(&mut self.fields);
        if let Some(answered) = message.reply_to.as_deref().and_then(|id| to.message(id)) {
            let reply = json!({"message_id": answered, "allow_sending_without_reply": true});
            fields.insert("reply_parameters".to_owned(), reply);
        }
        if !message.buttons.is_empty() {
            fields.insert("reply_markup".to_owned(), keyboard(&message.buttons));
        }
        Ok(Self { fields, file: self.file })
    }

    pub(super) fn into_call(self, account: &Account, method: &'static str) -> ProviderCall {
        let Some((parameter, file)) = self.file else {
            return api::json(account, method, Value::Object(self.fields));
        };
        let mut parts: Vec<Part> =
            self.fields.into_iter().map(|(name, value)| Part::text(name, as_field(value))).collect();
        parts.push(Part::file(parameter, file));
        api::multipart(account, method, parts)
    }
}

/// In a multipart form, nested objects are JSON in a string.
fn as_field(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// Buttons under a message, each in a row of its own.
pub(crate) fn keyboard(buttons: &[Button]) -> Value {
    let rows: Vec<Value> = buttons.iter().map(|button| json!([inline(button)])).collect();
    json!({"inline_keyboard": rows})
}

fn inline(button: &Button) -> Value {
    match &button.url {
        Some(url) => json!({"text": button.title, "url": url}),
        None => json!({"text": button.title, "callback_data": payload(button)}),
    }
}
