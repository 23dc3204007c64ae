use serde_json::Value;
use weft_channel::{
    ConversationStarted, Event, Ignored, Inbound, MessageEdited, MessageReceived, ReceiveError, Received,
    ThreadMoved, inbound,
};

use super::{
    Context,
    content::{caption, content},
    people::{sender, thread, topic},
    read,
    text::start_payload,
    time,
    unsupported::{Leftover, classify},
};
use crate::wire::Message;

/// Somebody wrote, or something happened in the chat.
pub(super) fn received(context: &Context<'_>, raw: &Value) -> Result<Received, ReceiveError> {
    let message: Message = read(raw)?;
    if let Some(new_id) = message.migrate_to_chat_id {
        let moved = ThreadMoved { new_id: new_id.to_string(), ..ThreadMoved::default() };
        return Ok(Received::event(event(context, &message, Event::Moved(moved))?));
    }
    if let Some(payload) = message.text.as_deref().and_then(start_payload) {
        let started = ConversationStarted { payload: payload.to_owned() };
        return Ok(Received::event(event(context, &message, Event::Started(started))?));
    }
    match shown(&message, raw) {
        Ok(content) => Ok(Received::event(event(context, &message, Event::Message(content))?)),
        Err(ignored) => Ok(ignored.into()),
    }
}

/// Somebody changed what they wrote; a live location moves this way, too.
pub(super) fn edited(context: &Context<'_>, raw: &Value) -> Result<Received, ReceiveError> {
    let message: Message = read(raw)?;
    match shown(&message, raw) {
        Ok(content) => {
            let edited = MessageEdited { message: Some(content) };
            Ok(Received::event(event(context, &message, Event::Edited(edited))?))
        }
        Err(ignored) => Ok(ignored.into()),
    }
}

fn shown(message: &Message, raw: &Value) -> Result<MessageReceived, Ignored> {
    let content = match content(message) {
        Some(content) => content,
        None => match raw.as_object().map_or(Leftover::Nothing, classify) {
            Leftover::Content(name) => MessageReceived {
                text: caption(message),
                unsupported: Some(name),
                raw: Some(raw.to_string()),
                ..MessageReceived::default()
            },
            Leftover::Service(name) => {
                return Err(Ignored::new(name, "a notice about the chat, nobody wrote it"));
            }
            Leftover::Nothing => return Err(Ignored::new("empty_message", "it has no content")),
        },
    };
    let chat = message.chat.id;
    Ok(MessageReceived {
        id: format!("{chat}:{}", message.message_id),
        reply_to: reply_to(message).map(|id| format!("{chat}:{id}")),
        ..content
    })
}

fn reply_to(message: &Message) -> Option<i64> {
    let answered = message.reply_to_message.as_ref()?;
    let same_chat = answered.chat.as_ref().is_none_or(|chat| chat.id == message.chat.id);
    // every message of a topic formally answers the notice that opened the topic
    let opens_topic = message.is_topic_message && message.message_thread_id == Some(answered.message_id);
    (same_chat && !opens_topic).then_some(answered.message_id)
}

fn event(context: &Context<'_>, message: &Message, what: Event) -> Result<Inbound, ReceiveError> {
    let at = time(message.edit_date.unwrap_or(message.date))?;
    let topic = topic(message.message_thread_id, message.is_topic_message);
    let thread = thread(&message.chat, topic, message.from.as_ref());
    Ok(Inbound { sender: sender(message), ..inbound::event(&context.key, at, thread, what) })
}
