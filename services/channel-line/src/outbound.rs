//! One part of a message into one push.

mod content;

use http::{HeaderName, HeaderValue, Method};
use serde_json::json;
use uuid::{Builder, Uuid};
use weft_channel::{Files, Outbound, Receipt, SendError, Transport};
use weft_crypto::sign::hmac_sha256;

use crate::{Account, errors};

const RETRY_KEY: HeaderName = HeaderName::from_static("x-line-retry-key");
/// The shortest time that can be asked for, in seconds; the host asks again before it is over.
const SHOW_TYPING: u32 = 5;

/// Sends one part; LINE tells a repeated call by its key and then answers 409 with what it sent the first time.
pub(crate) async fn send(
    account: &Account,
    message: &Outbound,
    files: &Files,
    transport: &dyn Transport,
) -> Result<Receipt, SendError> {
    let mut warnings = Vec::new();
    let content = content::of(account, message, files, &mut warnings)?;
    let key = HeaderValue::from_str(&retry_key(&message.message_id).to_string())
        .map_err(|_| SendError::message_invalid("its key cannot be sent in a header"))?;
    let call = account
        .call(Method::POST, &["message", "push"], "push")?
        .header(RETRY_KEY, key)
        .json(json!({"to": message.thread_id, "messages": [content]}));
    let reply = transport.call(call).await?;
    let ids = errors::sent_ids(&reply)?;
    Ok(Receipt { provider_message_ids: ids, warnings, ..Receipt::default() })
}

/// Shows that somebody is typing; only in chats with one contact.
pub(crate) async fn typing(
    account: &Account,
    thread_id: &str,
    transport: &dyn Transport,
) -> Result<(), SendError> {
    if !thread_id.starts_with('U') {
        return Ok(());
    }
    let call = account
        .call(Method::POST, &["chat", "loading", "start"], "typing")?
        .json(json!({"chatId": thread_id, "loadingSeconds": SHOW_TYPING}));
    let reply = transport.call(call).await?;
    if reply.status.is_success() { Ok(()) } else { Err(errors::explain(&reply)) }
}

/// LINE wants a UUID; the same part always has the same.
fn retry_key(part: &str) -> Uuid {
    let digest = hmac_sha256(b"retry key", &[part.as_bytes()]);
    let bytes = digest.first_chunk().copied().unwrap_or_default();
    Builder::from_random_bytes(bytes).into_uuid()
}
