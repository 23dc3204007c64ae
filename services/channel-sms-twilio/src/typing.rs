use serde::de::IgnoredAny;
use serde_json::json;
use weft_channel::{ProviderCall, SendError, Transport};

use crate::{Account, address::WHATSAPP, api};

/// Shows the sign for up to 25 seconds, and the contact's message as read. SMS has neither.
pub(crate) async fn show(
    account: &Account,
    thread_id: &str,
    last_message_id: Option<&str>,
    transport: &dyn Transport,
) -> Result<(), SendError> {
    let Some(message_id) = last_message_id.filter(|_| thread_id.starts_with(WHATSAPP)) else { return Ok(()) };
    let body = json!({"channel": "WHATSAPP", "messageId": message_id});
    let call = ProviderCall::post(api::typing_url(account), "typing").json(body);
    let _shown: IgnoredAny = weft_twilio::result(account.access().with_key(call), transport)
        .await
        .map_err(SendError::of_repeatable)?;
    Ok(())
}
