//! One part of a message into one call.

mod ring_out;

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};
use weft_channel::{Files, Outbound, Part, PartContent, Receipt, SendError, Transport};

use crate::{Account, address, api, wire::Taken};

/// The longest text of one SMS, in units of UTF-16.
const MAX_UNITS: usize = 1000;
/// Texts are split at so many characters and bytes. Only characters of four bytes have two units, and beside 800 characters there is
/// room for 200 of them.
pub(crate) const MAX_CHARS: usize = 800;
pub(crate) const MAX_BYTES: usize = MAX_CHARS + 3 * (MAX_UNITS - MAX_CHARS);
/// A caption is not split, so all of it may be emoji.
pub(crate) const MAX_CAPTION: usize = MAX_UNITS / 2;

/// Sends one part as an SMS, or as an MMS when it has a file; in a channel for calls it becomes a call.
pub(crate) async fn send(
    account: &Account,
    message: &Outbound,
    files: &Files,
    transport: &dyn Transport,
) -> Result<Receipt, SendError> {
    if message.text.trim().is_empty() && message.attachments.is_empty() {
        return Err(SendError::message_invalid("it is empty"));
    }
    let to = address::recipients(&message.thread_id).ok_or_else(|| {
        SendError::message_invalid(
            "the contact's number was withheld, so it can be neither written to nor called",
        )
    })?;
    if !account.purpose.takes_messages() {
        return ring_out::send(account, message, &to, transport).await;
    }
    let body = sms(account, message, &to);
    let path = if message.attachments.is_empty() { "sms" } else { "mms" };
    let call = api::of_extension(account, Method::POST, &[path], "medium");
    let call = match message.attachments.first() {
        None => call.json(body),
        Some(attachment) => {
            call.multipart(vec![description(&body), Part::file("attachment", files.get(attachment)?)])
        }
    };
    let taken: Taken = api::result(call, transport).await?;
    Ok(Receipt::of(taken.id.0))
}

fn sms(account: &Account, message: &Outbound, to: &[&str]) -> Value {
    let to: Vec<Value> = to.iter().map(|number| json!({"phoneNumber": number})).collect();
    json!({"from": {"phoneNumber": account.from_number}, "to": to, "text": message.text})
}

/// The part of an MMS that says what it is.
fn description(body: &Value) -> Part {
    let content = PartContent::File {
        name: "request.json".to_owned(),
        mime: "application/json".to_owned(),
        bytes: Bytes::from(body.to_string()),
    };
    Part { name: "json".to_owned(), content }
}
