//! One part of a message into one message.

mod choices;
mod content;
mod file;
mod looks;
mod products;
mod recipient;
mod template;

use serde_json::{Map, Value, json};
use weft_channel::{Files, Outbound, Receipt, SendError, Transport};

use crate::{Account, api, wire::Accepted};
pub(crate) use recipient::Recipient;

/// Sends one part; a file goes up first, and its id stands for it.
pub(crate) async fn send(
    account: &Account,
    message: &Outbound,
    files: &Files,
    transport: &dyn Transport,
) -> Result<Receipt, SendError> {
    let message = &looks::marked(message);
    let to = Recipient::read(&message.thread_id)?;
    let content = match (&message.template, message.attachments.first()) {
        (Some(filled), Some(attachment)) => {
            let file = files.get(attachment)?;
            if file::kind(attachment.kind(), file) != template::media_kind(filled)? {
                let why = "the file above the template is too large for its kind, or of a type that WhatsApp does not take";
                return Err(SendError::message_invalid(why));
            }
            let id = file::upload(account, file, transport).await?;
            template::of(message, filled, Some(&id))?
        }
        (Some(filled), None) => template::of(message, filled, None)?,
        (None, Some(attachment)) => {
            let file = files.get(attachment)?;
            let plan = file::Plan::of(account, message, attachment, file)?;
            let id = file::upload(account, file, transport).await?;
            plan.with(&id)
        }
        (None, None) => content::of(account, message)?,
    };
    let body = envelope(message, &to, content.kind, content.body);
    let call = api::post(account, &[&account.phone_number_id, "messages"], "messages", body)?;
    let accepted: Accepted = api::result(call, transport).await?;
    let sent = accepted
        .messages
        .first()
        .ok_or_else(|| SendError::Unreadable { why: "the answer names no message".to_owned() })?;
    // numbers of some countries have two forms, and states name the one that WhatsApp uses
    let known_as = accepted.contacts.into_iter().find_map(|contact| contact.wa_id);
    let moved_to = known_as.filter(|number| to.is_another_form(number));
    Ok(Receipt { moved_to, warnings: content.warnings, ..Receipt::of(&sent.id) })
}

fn envelope(message: &Outbound, to: &Recipient<'_>, kind: &'static str, content: Value) -> Value {
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| drop(body.insert(name.to_owned(), value));
    put("messaging_product", json!("whatsapp"));
    put("recipient_type", json!("individual"));
    put(to.field(), json!(to.id()));
    put("type", json!(kind));
    put(kind, content);
    // comes back in the message's states
    put("biz_opaque_callback_data", json!(message.message_id));
    if let Some(answered) = message.reply_to.as_ref().filter(|id| id.starts_with("wamid.")) {
        put("context", json!({"message_id": answered}));
    }
    Value::Object(body)
}
