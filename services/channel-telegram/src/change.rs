//! What was sent, changed.

use serde_json::{Map, Value, json};
use weft_channel::{
    Change, SendError, Transport,
    change::{Change as What, Edit, React},
};

use crate::{
    Account, api,
    errors::Failure,
    outbound::{self, Destination, keyboard},
};

/// Edits, deletes or reacts. A bot has one reaction to a message: the newest of our side's.
pub(crate) async fn change(
    account: &Account,
    change: &Change,
    transport: &dyn Transport,
) -> Result<(), SendError> {
    let to = Destination::read(&change.thread_id)?;
    let messages: Vec<i64> = change.provider_message_ids.iter().filter_map(|id| to.message(id)).collect();
    let Some(last) = messages.last() else {
        return Err(SendError::message_invalid("it has gone to another chat"));
    };
    match &change.change {
        Some(What::Edit(edit)) => {
            if messages.len() > 1 {
                return Err(SendError::message_invalid(
                    "it went as several messages, which stay as they are",
                ));
            }
            let (method, words) = words(edit);
            call(account, method, to.chat, *last, words, transport).await
        }
        Some(What::Delete(())) => {
            for message in messages {
                call(account, "deleteMessage", to.chat, message, Map::new(), transport).await?;
            }
            Ok(())
        }
        Some(What::React(react)) => {
            call(account, "setMessageReaction", to.chat, *last, reaction(react), transport).await
        }
        None => Err(SendError::unsupported("such a change")),
    }
}

fn words(edit: &Edit) -> (&'static str, Map<String, Value>) {
    let (method, field) =
        if edit.under_file { ("editMessageCaption", "caption") } else { ("editMessageText", "text") };
    let mut fields = outbound::words(field, &edit.text, edit.rich.as_ref());
    // what is left out is taken away
    if !edit.buttons.is_empty() {
        fields.insert("reply_markup".to_owned(), keyboard(&edit.buttons));
    }
    (method, fields)
}

fn reaction(react: &React) -> Map<String, Value> {
    // Telegram's own list has them without the sign that asks for colours
    let newest = react.emojis.last().map(|emoji| emoji.replace('\u{fe0f}', ""));
    let shown: Vec<Value> =
        newest.map(|emoji| json!({"type": "emoji", "emoji": emoji})).into_iter().collect();
    Map::from_iter([("reaction".to_owned(), shown.into())])
}

async fn call(
    account: &Account,
    method: &'static str,
    chat: i64,
    message: i64,
    rest: Map<String, Value>,
    transport: &dyn Transport,
) -> Result<(), SendError> {
    let mut fields = Map::new();
    fields.insert("chat_id".to_owned(), chat.into());
    fields.insert("message_id".to_owned(), message.into());
    fields.extend(rest);
    match api::result::<Value>(api::json(account, method, Value::Object(fields)), transport).await {
        Ok(_) | Err(Failure::NotModified) => Ok(()),
        Err(failure) => Err(failure.of_repeatable()),
    }
}
