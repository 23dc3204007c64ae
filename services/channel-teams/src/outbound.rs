//! One part of a message into one activity.

mod content;
mod markdown;

pub(crate) use content::of as content;

use http::Method;
use serde_json::{Value, json};
use weft_channel::{Files, Outbound, Receipt, SendError, Transport};

use crate::{Account, connector, errors, wire::Sent};

/// Sends one part.
pub(crate) async fn send(
    account: &Account,
    message: &Outbound,
    files: &Files,
    transport: &dyn Transport,
) -> Result<Receipt, SendError> {
    let mut warnings = Vec::new();
    let mut activity = content::of(message, files, &mut warnings)?;
    let conversation = message.thread_id.as_str();
    let answered = message.reply_to.as_deref().map(|id| activity_id(id, conversation));
    let mut path = vec!["activities"];
    match answered {
        Some(Some(id)) => {
            path.push(id);
            activity.insert("replyToId".to_owned(), id.into());
        }
        Some(None) => warnings.push("Teams cannot show which message is answered".to_owned()),
        None => {}
    }
    let call = connector::call(account, Method::POST, conversation, &path, "send", transport).await?;
    let reply = transport.call(call.json(Value::Object(activity))).await?;
    if !reply.status.is_success() {
        return Err(errors::explain(&reply));
    }
    let sent: Sent = reply.json()?;
    Ok(Receipt { warnings, ..Receipt::of(format!("{conversation}/{}", sent.id)) })
}

/// Shows for a few seconds that somebody is typing.
pub(crate) async fn typing(
    account: &Account,
    thread_id: &str,
    transport: &dyn Transport,
) -> Result<(), SendError> {
    let call =
        connector::call(account, Method::POST, thread_id, &["activities"], "typing", transport).await?;
    let reply = transport.call(call.json(json!({"type": "typing"}))).await?;
    if reply.status.is_success() { Ok(()) } else { Err(errors::explain(&reply)) }
}

/// The activity that a message is, if it is one of this conversation.
pub(crate) fn activity_id<'a>(id: &'a str, conversation: &str) -> Option<&'a str> {
    id.strip_prefix(conversation)?.strip_prefix('/').filter(|id| !id.is_empty() && !id.contains('/'))
}
