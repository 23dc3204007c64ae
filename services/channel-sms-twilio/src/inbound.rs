//! Webhooks into events. Pure.

mod consent;
mod content;
mod long_text;
mod on_message;
mod on_status;

use http::Method;
use weft_channel::{Person, ReceiveError, Received, Thread, WebhookCall, WebhookReply, inbound};

use weft_twilio::{Fields, is_form};

use crate::{
    Account,
    address::{self, WHATSAPP},
};

/// Reads a call: somebody wrote, or something became of a message of ours.
pub(crate) fn receive(account: &Account, call: &WebhookCall) -> Result<Received, ReceiveError> {
    let is_get = call.method == Method::GET;
    let received = if is_get || is_form(call) {
        let form = if is_get { call.query.as_bytes() } else { &call.body };
        read(account, call, &Fields::read(form))?
    } else {
        Received::ignored("event_stream", "it is not about a message")
    };
    Ok(Received { reply: nothing_to_say(), ..received })
}

fn read(account: &Account, call: &WebhookCall, fields: &Fields) -> Result<Received, ReceiveError> {
    let message = ["MessageSid", "SmsSid", "SmsMessageSid"].iter().find_map(|name| fields.get(name));
    let Some(sid) = message else {
        return match fields.get("CallSid") {
            Some(_) => Ok(Received::ignored("call", "calls are another channel's")),
            None => Err(ReceiveError { why: "it names no message".to_owned() }),
        };
    };
    match fields.get("MessageStatus") {
        None | Some("received" | "receiving") => on_message::received(account, call, fields, sid),
        Some(status) => on_status::reported(call, fields, sid, status),
    }
}

/// An empty answer in Twilio's own markup: any other text might go to the contact.
fn nothing_to_say() -> WebhookReply {
    WebhookReply { content_type: "text/xml".into(), body: "<Response/>".into(), ..WebhookReply::default() }
}

/// The thread with a contact: their address names it.
fn thread(fields: &Fields, side: &str) -> Result<Thread, ReceiveError> {
    let given = fields.get(side).ok_or_else(|| ReceiveError { why: format!("`{side}` is missing") })?;
    let is_whatsapp = fields.get("WaId").is_some()
        || fields.get("ChannelPrefix") == Some("whatsapp")
        || ["From", "To"].iter().any(|name| fields.get(name).is_some_and(|it| it.starts_with(WHATSAPP)));
    let id = if is_whatsapp && !address::is_prefixed(given) {
        format!("{WHATSAPP}{given}")
    } else {
        given.to_owned()
    };
    let bare = id.split_once(':').map_or(id.as_str(), |(_, bare)| bare);
    let person = Person {
        name: fields.get("ProfileName").unwrap_or(bare).to_owned(),
        phone: address::number(&id).map(str::to_owned),
        id: id.clone(),
        ..Person::default()
    };
    Ok(inbound::direct(id, person))
}
