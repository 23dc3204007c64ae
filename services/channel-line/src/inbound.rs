//! Webhooks into events. Pure.

mod content;

use chrono::DateTime;
use http::Method;
use serde::Deserialize as _;
use serde_json::{Value, json};
use weft_channel::{
    Event as Happened, Inbound, MessageDeleted, MessageReceived, Person, ProviderCall, Reachability,
    ReceiveError, Received, Thread, Unreadable, inbound,
};

use crate::{
    Account,
    wire::{Event, Postback, Source, Webhook, What},
};

/// Events that are not about conversations, or tell us nothing.
const UNWANTED: [&str; 12] = [
    "accountLink",
    "activated",
    "beacon",
    "botResumed",
    "botSuspended",
    "deactivated",
    "delivery",
    "memberJoined",
    "memberLeft",
    "membership",
    "module",
    "videoPlayComplete",
];

/// Translates a webhook; an event that cannot be read does not stop the others.
pub(crate) fn receive(account: &Account, body: &Value) -> Result<Received, ReceiveError> {
    let Webhook { mut events } =
        Webhook::deserialize(body).map_err(|error| ReceiveError::from_json(&error))?;
    // LINE does not promise their order
    events.sort_by_key(|event| event.get("timestamp").and_then(Value::as_i64));
    let mut received = Received::default();
    for raw in &events {
        received.append(one(account, raw).unwrap_or_else(|why| unreadable(why, raw)));
    }
    Ok(received)
}

fn one(account: &Account, raw: &Value) -> Result<Received, &'static str> {
    let event = Event::deserialize(raw).map_err(|_| "an event is missing something or has another shape")?;
    if event.mode == "standby" {
        return Ok(Received::ignored("standby", "another system has the conversation"));
    }
    let mut calls = Vec::new();
    let what = match event.what {
        What::Message { message } => {
            calls.extend(read_mark(account, message.mark_as_read_token.as_deref()));
            Happened::Message(content::of(message, raw))
        }
        What::Unsend { unsend } => Happened::Deleted(MessageDeleted { id: unsend.message_id }),
        What::Postback { postback } => Happened::Message(chosen(&event.webhook_event_id, postback)),
        What::Follow | What::Join => reachability(true, ""),
        What::Unfollow => reachability(false, "the contact blocked the account"),
        What::Leave => reachability(false, "the account was removed from the group"),
        What::Other => return Ok(ignored(raw)),
    };
    let at = DateTime::from_timestamp_millis(event.timestamp).ok_or("the date is out of range")?;
    let (thread, sender) = place(event.source.ok_or("it does not say where it happened")?);
    let event = Inbound { sender, ..inbound::event(event.webhook_event_id, at, thread, what) };
    Ok(Received { calls, ..Received::event(event) })
}

/// The thread, and in a group who did it, where LINE says.
fn place(source: Source) -> (Thread, Option<Person>) {
    let person = |id| Person { id, ..Person::default() };
    match source {
        Source::User { user_id } => (inbound::direct(user_id.clone(), person(user_id)), None),
        Source::Group { group_id, user_id } => (inbound::group(group_id, ""), user_id.map(person)),
        Source::Room { room_id, user_id } => (inbound::group(room_id, ""), user_id.map(person)),
    }
}

fn chosen(event_id: &str, postback: Postback) -> MessageReceived {
    let picked =
        postback.params.as_ref().and_then(Value::as_object).and_then(|params| params.values().next());
    let label = picked.and_then(Value::as_str).unwrap_or(&postback.data);
    MessageReceived {
        id: format!("postback:{event_id}"),
        text: label.to_owned(),
        postback: Some(postback.data),
        ..MessageReceived::default()
    }
}

fn reachability(reachable: bool, reason: &str) -> Happened {
    Happened::Reachability(Reachability { reachable, reason: reason.to_owned() })
}

fn read_mark(account: &Account, token: Option<&str>) -> Option<ProviderCall> {
    let token = token.filter(|_| account.mark_as_read)?;
    let call = account.call(Method::POST, &["chat", "markAsRead"], "mark_as_read").ok()?;
    Some(call.json(json!({"markAsReadToken": token})))
}

fn ignored(raw: &Value) -> Received {
    let kind = raw.get("type").and_then(Value::as_str).unwrap_or_default();
    let known = UNWANTED.into_iter().find(|known| *known == kind);
    Received::ignored(known.unwrap_or("unknown_event"), "this kind of event is not for conversations")
}

fn unreadable(why: &str, raw: &Value) -> Received {
    let entry = Unreadable { why: why.to_owned(), raw: raw.to_string().into() };
    Received { unreadable: vec![entry], ..Received::default() }
}
