//! One part of a message into one call.

use serde::Deserialize;
use weft_channel::{Files, Outbound, ProviderCall, Receipt, SendError, Transport};
use weft_twilio::is_number;

use crate::{
    Account,
    twiml::{self, Script},
};

/// The longest script that goes along with a call, in characters.
const LONGEST_SCRIPT: usize = 4000;

/// A call that was taken.
#[derive(Deserialize)]
struct Taken {
    sid: String,
}

/// Calls the contact and speaks; or calls an agent, speaks, and connects the two.
pub(crate) async fn send(
    account: &Account,
    message: &Outbound,
    files: &Files,
    transport: &dyn Transport,
) -> Result<Receipt, SendError> {
    let contact = message.thread_id.as_str();
    if !is_number(contact) {
        return Err(SendError::message_invalid("the contact's number was withheld, so it cannot be called"));
    }
    let mut script = Script::default();
    match message.attachments.first() {
        Some(recording) => {
            let link = files.link(recording)?;
            script.element("Play", &[], &twiml::escaped(link.as_str()));
        }
        None if message.text.trim().is_empty() => return Err(SendError::message_invalid("it is empty")),
        None => script.say(account, &message.text),
    }
    let (to, told_at) = match account.agent_number.as_deref() {
        None => (contact, "status"),
        Some(agent) => {
            let mut number = Script::default();
            number.element("Number", &[], contact);
            let reached = twiml::address(account, "reached", contact);
            let mut attributes = vec![("callerId", account.from_number.as_str())];
            if !reached.is_empty() {
                attributes.extend([("action", reached.as_str()), ("method", "POST")]);
            }
            script.element("Dial", &attributes, number.markup());
            (agent, "agent")
        }
    };
    let script = script.document();
    if script.chars().count() > LONGEST_SCRIPT {
        return Err(SendError::message_invalid("it is too long to be spoken in one call"));
    }
    let mut form = vec![
        ("To".to_owned(), to.to_owned()),
        ("From".to_owned(), account.from_number.clone()),
        ("Twiml".to_owned(), script),
    ];
    let status = twiml::address(account, told_at, contact);
    if !status.is_empty() {
        form.push(("StatusCallback".to_owned(), status));
    }
    let access = account.access();
    let call = ProviderCall::post(access.url(&["Calls.json"]), "calls").form(form);
    let taken: Taken = weft_twilio::result(access.with_key(call), transport).await?;
    Ok(Receipt::of(taken.sid))
}
