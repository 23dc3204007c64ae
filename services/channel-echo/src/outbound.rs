//! One part of a message into one call.

use http::{HeaderValue, header};
use secrecy::ExposeSecret as _;
use serde_json::json;
use weft_channel::{Outbound, ProviderCall, Receipt, SendError, Transport};

use crate::{Account, errors, wire::Accepted};

/// Sends one part; the provider tells a repeated call by its key.
pub(crate) async fn send(
    account: &Account,
    message: &Outbound,
    transport: &dyn Transport,
) -> Result<Receipt, SendError> {
    if message.text.is_empty() {
        return Err(SendError::message_invalid("it is empty"));
    }
    let body = json!({
        "to": message.thread_id,
        "text": message.text,
        "reply_to": message.reply_to,
        "key": message.message_id,
    });
    let bearer = HeaderValue::from_str(&format!("Bearer {}", account.token.expose_secret()))
        .map_err(|_| SendError::account_invalid("the token has characters that a header cannot carry"))?;
    let call = ProviderCall::post(account.url("messages"), "messages")
        .header(header::AUTHORIZATION, bearer)
        .json(body);
    let reply = transport.call(call).await?;
    if !reply.status.is_success() {
        return Err(errors::explain(&reply));
    }
    Ok(Receipt::of(reply.json::<Accepted>()?.id))
}
