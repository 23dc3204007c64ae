//! Webhooks, and what is found by asking, into events. Pure: whichever way something comes, its key is the same.

mod consent;
mod on_call;
mod on_logged_call;
mod on_message;
mod on_voicemail;

pub(crate) use on_logged_call::logged;
pub(crate) use on_message::stored;
pub(crate) use on_voicemail::transcript;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use weft_channel::{ReceiveError, Received, WebhookCall, WebhookReply, inbound};

use crate::{
    Account,
    verify::handshake,
    wire::{Notification, StoredMessage, TelephonySession},
};

/// Reads a call of RingCentral's.
pub(crate) fn receive(account: &Account, call: &WebhookCall) -> Result<Received, ReceiveError> {
    if let Some(echo) = handshake(call) {
        let headers = std::iter::once((http::HeaderName::from_static("validation-token"), echo.clone()));
        let reply =
            WebhookReply { headers: headers.collect(), body: Bytes::new(), ..WebhookReply::default() };
        return Ok(Received { reply, ..Received::ignored("handshake", "it asks whether anybody listens") });
    }
    let told: Notification = call.json()?;
    let event = told.event.split('?').next().unwrap_or_default();
    let at = call.received_at;
    if event.ends_with("/message-store/instant") || event.ends_with("/voicemail") {
        let message: StoredMessage = inbound::read(&told.body)?;
        return stored(account, &message, at);
    }
    if event.ends_with("/telephony/sessions") {
        let session: TelephonySession = inbound::read(&told.body)?;
        return on_call::told(account, &session, told.owner_id.as_ref(), at);
    }
    if event.ends_with("/message-store") {
        return Ok(Received::ignored("message_store", "what changed there is asked for"));
    }
    if event.contains("/subscription/") {
        return Ok(Received::ignored("subscription", "it is renewed in time without being told"));
    }
    Ok(Received::ignored("other_event", "nobody subscribed it for this channel"))
}

/// A time as RingCentral writes it, or else when it came.
fn time(text: &str, came: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).map_or(came, |time| time.to_utc())
}
