use serde_json::json;
use weft_channel::{Event, Inbound, MessageReceived, ReceiveError, Received, inbound};

use super::{
    Context,
    people::{thread, topic, user},
};
use crate::{
    api,
    wire::{CallbackMessage, CallbackQuery},
};

/// Somebody touched a button under a message of ours.
pub(super) fn chosen(context: &Context<'_>, query: &CallbackQuery) -> Result<Received, ReceiveError> {
    // unanswered, the person's app shows a spinner
    let answer = api::json(context.account, "answerCallbackQuery", json!({"callback_query_id": query.id}));
    let received = match (&query.message, &query.data) {
        (Some(message), Some(data)) => Received::event(event(context, query, message, data)),
        (None, _) => {
            Received::ignored("inline_callback_query", "it is not under a message of this bot's chats")
        }
        (_, None) => Received::ignored("game_callback_query", "it carries no data"),
    };
    Ok(Received { calls: vec![answer], ..received })
}

fn event(context: &Context<'_>, query: &CallbackQuery, message: &CallbackMessage, data: &str) -> Inbound {
    let chosen = MessageReceived {
        id: format!("callback:{}", query.id),
        text: label(message, data).to_owned(),
        reply_to: Some(format!("{}:{}", message.chat.id, message.message_id)),
        postback: Some(data.to_owned()),
        ..MessageReceived::default()
    };
    let topic = topic(message.message_thread_id, message.is_topic_message);
    let thread = thread(&message.chat, topic, Some(&query.from));
    // a query has no date of its own: the one inside is that of the message above the button
    let event = inbound::event(&context.key, context.received_at, thread, Event::Message(chosen));
    let sender = (message.chat.kind != "private").then(|| user(&query.from));
    Inbound { sender, ..event }
}

fn label<'a>(message: &'a CallbackMessage, data: &'a str) -> &'a str {
    let rows = message.reply_markup.iter().flat_map(|keyboard| &keyboard.inline_keyboard);
    let button = rows.flatten().find(|button| button.callback_data.as_deref() == Some(data));
    button.map_or(data, |button| &button.text)
}
