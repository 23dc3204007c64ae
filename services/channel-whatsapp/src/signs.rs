//! What the contact is shown besides messages. Both hang on a message of theirs.

use serde_json::json;
use weft_channel::{ProviderCall, SendError, Transport};

use crate::{Account, api, wire::Done};

/// Shows a message as read.
pub(crate) fn read(account: &Account, message_id: &str) -> Result<ProviderCall, SendError> {
    let body = json!({"messaging_product": "whatsapp", "status": "read", "message_id": message_id});
    api::post(account, &[&account.phone_number_id, "messages"], "read", body)
}

/// Shows for up to 25 seconds that somebody is typing, and the message as read; there is no other way.
pub(crate) async fn typing(
    account: &Account,
    message_id: Option<&str>,
    transport: &dyn Transport,
) -> Result<(), SendError> {
    let Some(message_id) = message_id else { return Ok(()) };
    let body = json!({
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": message_id,
        "typing_indicator": {"type": "text"},
    });
    let call = api::post(account, &[&account.phone_number_id, "messages"], "typing", body)?;
    let _shown: Done = api::result(call, transport).await.map_err(SendError::of_repeatable)?;
    Ok(())
}
