//! One part of a message into one call.

mod destination;
mod form;
mod method;
mod words;

use serde_json::json;
use weft_channel::{Files, Outbound, Receipt, SendError, Transport};

use crate::{Account, api, errors::Failure, wire::SentMessage};
pub(crate) use destination::Destination;
pub(crate) use form::keyboard;
pub(crate) use words::words;

/// Sends one part. A group that has become a supergroup is followed once.
pub(crate) async fn send(
    account: &Account,
    message: &Outbound,
    files: &Files,
    transport: &dyn Transport,
) -> Result<Receipt, SendError> {
    let to = Destination::read(&message.thread_id)?;
    match send_to(account, message, files, transport, to).await {
        Err(Failure::Moved(chat)) => {
            let moved = Destination { chat, topic: to.topic };
            let receipt =
                send_to(account, message, files, transport, moved).await.map_err(Failure::into_error)?;
            Ok(Receipt { moved_to: Some(moved.to_string()), ..receipt })
        }
        Err(Failure::NotModified) => Ok(Receipt::default()),
        Err(Failure::Error(error)) => Err(error),
        Ok(receipt) => Ok(receipt),
    }
}

async fn send_to(
    account: &Account,
    message: &Outbound,
    files: &Files,
    transport: &dyn Transport,
    to: Destination,
) -> Result<Receipt, Failure> {
    let request = method::of(message, files)?;
    let call = request.form.address(message, to)?.into_call(account, request.method);
    let sent: SentMessage = api::result(call, transport).await?;
    let id = format!("{}:{}", sent.chat.id, sent.message_id);
    Ok(Receipt { warnings: request.warnings, ..Receipt::of(id) })
}

/// Shows for five seconds that somebody is typing.
pub(crate) async fn typing(
    account: &Account,
    thread_id: &str,
    transport: &dyn Transport,
) -> Result<(), SendError> {
    let to = Destination::read(thread_id)?;
    let mut parameters = json!({"chat_id": to.chat, "action": "typing"});
    if let (Some(topic), Some(fields)) = (to.topic, parameters.as_object_mut()) {
        fields.insert("message_thread_id".to_owned(), topic.into());
    }
    let call = api::json(account, "sendChatAction", parameters);
    let _shown: bool = api::result(call, transport).await.map_err(Failure::of_repeatable)?;
    Ok(())
}
