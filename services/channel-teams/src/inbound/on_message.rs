use serde_json::{Map, Value};
use weft_channel::{Event, MessageDeleted, MessageEdited, MessageReceived, ReceiveError, Received};

use super::{Context, wrong};
use crate::wire::Chosen;

impl Context<'_> {
    /// Somebody wrote, or touched a button of a card.
    pub(super) fn message(&self) -> Result<Received, ReceiveError> {
        let id = self.own_message_id()?;
        if self.activity.from.is_none() {
            return Err(wrong("it does not say who wrote"));
        }
        let content = self.content();
        let said = match &self.activity.value {
            Some(value) if content == MessageReceived::default() && !value.is_null() => chosen(value),
            _ => content,
        };
        if said == MessageReceived::default() {
            return Ok(Received::ignored("empty_message", "it has no content"));
        }
        // in a channel everything answers the thread's first message
        let is_channel = self.activity.conversation.conversation_type == "channel";
        let reply_to = self.activity.reply_to_id.as_deref().filter(|_| !is_channel);
        let message = MessageReceived { id, reply_to: reply_to.map(|id| self.message_id(id)), ..said };
        self.event("", Event::Message(message)).map(Received::event)
    }

    /// A message is another now, or there again.
    pub(super) fn update(&self) -> Result<Received, ReceiveError> {
        let event_type = self.activity.channel_data.as_ref().and_then(|data| data.event_type.as_deref());
        if !matches!(event_type, Some("editMessage" | "undeleteMessage")) {
            return Ok(Received::ignored("other_update", "its words are the same"));
        }
        let message = MessageReceived { id: self.own_message_id()?, ..self.content() };
        self.event("", Event::Edited(MessageEdited { message: Some(message) })).map(Received::event)
    }

    /// A message was taken back.
    pub(super) fn delete(&self) -> Result<Received, ReceiveError> {
        let id = self.own_message_id()?;
        self.event("", Event::Deleted(MessageDeleted { id })).map(Received::event)
    }
}

/// What a button gives back: what ours carry, or the plain values of somebody else's card.
pub(super) fn chosen(value: &Value) -> MessageReceived {
    let (text, postback, raw) = match serde_json::from_value(value.clone()) {
        Ok(Chosen { choice, title }) if title.is_empty() => (choice.clone(), choice, None),
        Ok(Chosen { choice, title }) => (title, choice, None),
        Err(_) => {
            let plain = plain_values(value);
            let words: Vec<String> = plain.values().map(words).collect();
            (words.join(", "), Value::Object(plain).to_string(), Some(value.to_string()))
        }
    };
    MessageReceived { text, postback: Some(postback), raw, ..MessageReceived::default() }
}

/// Inputs of cards give texts, numbers and truth values.
fn plain_values(value: &Value) -> Map<String, Value> {
    let fields = value.as_object().into_iter().flatten();
    let plain = fields.filter(|(_, value)| value.is_string() || value.is_number() || value.is_boolean());
    plain.map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn words(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}
