//! Webhooks into events. Pure.

use chrono::{DateTime, Utc};
use serde_json::Value;
use weft_channel::{
    Event, Ignored, Inbound, Person, ProviderCall, ReceiveError, Received, WebhookCall,
    inbound::{self, read, unreadable},
};

use super::{
    on_message, on_receipt,
    wire::{Entry, Happening, Webhook},
};
use crate::hub;

/// What is told of besides messages and left out.
const UNWANTED: [&str; 6] = [
    "account_linking",
    "pass_thread_control",
    "take_thread_control",
    "request_thread_control",
    "app_roles",
    "policy_enforcement",
];

/// Whose webhooks are read.
#[derive(Clone, Copy)]
pub struct Own<'a> {
    /// The account's id, as entries name it.
    pub id: &'a str,
    /// The app's id, to know its own echoes where they carry nothing else of ours.
    pub app_id: Option<&'a str>,
    /// Makes the call that shows a contact that their message was seen.
    pub seen: &'a dyn Fn(&str) -> Option<ProviderCall>,
}

/// The two sides of what happened, and when.
pub(super) struct Scene {
    /// The contact's id.
    pub(super) contact: String,
    /// Our side did it.
    pub(super) from_us: bool,
    pub(super) at: DateTime<Utc>,
}

/// Translates a webhook, as far as it is about this account; what cannot be read does not stop the rest.
pub fn receive(own: &Own<'_>, call: &WebhookCall) -> Result<Received, ReceiveError> {
    if let Some(greeted) = hub::greeted(call) {
        return Ok(greeted);
    }
    let webhook: Webhook = call.json()?;
    let mut received = Received::default();
    for raw in &webhook.entry {
        received.append(entry(own, raw).unwrap_or_else(|error| unreadable(error, raw)));
    }
    received.drop_repeated();
    // calls that failed and come again mix them
    received.events.sort_by_key(|event| event.occurred_at.as_ref().map(|at| (at.seconds, at.nanos)));
    received.calls = wrote(&received.events).into_iter().filter_map(|contact| (own.seen)(contact)).collect();
    Ok(received)
}

/// The contacts who wrote something, each once.
fn wrote(events: &[Inbound]) -> Vec<&str> {
    let wrote = |event: &Inbound| matches!(&event.event, Some(Event::Message(message)) if !message.from_us);
    let mut contacts: Vec<&str> = events
        .iter()
        .filter(|event| wrote(event))
        .filter_map(|event| Some(event.thread.as_ref()?.id.as_str()))
        .collect();
    contacts.sort_unstable();
    contacts.dedup();
    contacts
}

fn entry(own: &Own<'_>, raw: &Value) -> Result<Received, ReceiveError> {
    let entry: Entry = read(raw)?;
    if entry.id != own.id {
        return Ok(Received::ignored("another_account", "it is for another account of the same app"));
    }
    let mut received = Received::default();
    // what another app answers is recorded all the same
    for raw in entry.messaging.iter().chain(&entry.standby) {
        received.append(happening(own, raw).unwrap_or_else(|error| unreadable(error, raw)));
    }
    let changes = entry.changes.iter().map(|_| Ignored::new("changes", "this is not about conversations"));
    received.ignored.extend(changes);
    Ok(received)
}

fn happening(own: &Own<'_>, raw: &Value) -> Result<Received, ReceiveError> {
    let happening: Happening = read(raw)?;
    let Some(scene) = scene_of(own, &happening)? else {
        return Ok(Received::ignored("nobody", "it does not say who, as opt-ins by a plugin do"));
    };
    if let Some(message) = happening.message {
        let raw = raw.get("message").unwrap_or(&Value::Null);
        return Ok(on_message::received(own, &scene, message, raw));
    }
    if let Some(edit) = happening.message_edit {
        return Ok(on_message::edited(&scene, edit));
    }
    if let Some(reaction) = happening.reaction {
        return Ok(on_message::reacted(&scene, reaction));
    }
    if let Some(postback) = happening.postback {
        return Ok(on_message::chosen(&scene, postback));
    }
    if let Some(delivery) = happening.delivery {
        return on_receipt::delivered(&scene, delivery);
    }
    if let Some(read) = happening.read {
        return on_receipt::read(&scene, read);
    }
    if let Some(referral) = happening.referral {
        return Ok(on_message::came(&scene, "referral", &referral));
    }
    if let Some(optin) = happening.optin {
        return Ok(on_message::came(&scene, "optin", &optin));
    }
    let known = UNWANTED.into_iter().find(|kind| raw.get(kind).is_some());
    Ok(Received::ignored(known.unwrap_or("unknown_event"), "this kind of event is not for conversations"))
}

/// Who and when; none when it names nobody.
fn scene_of(own: &Own<'_>, happening: &Happening) -> Result<Option<Scene>, ReceiveError> {
    let given = |id: &Option<String>| id.clone().filter(|id| !id.is_empty());
    let sender = given(&happening.sender.id);
    let is_echo = happening.message.as_ref().is_some_and(|message| message.is_echo);
    let from_us = is_echo || sender.as_deref() == Some(own.id);
    let Some(contact) = (if from_us { given(&happening.recipient.id) } else { sender }) else {
        return Ok(None);
    };
    // receipts may do without
    let watermark = || {
        let delivered = happening.delivery.as_ref().and_then(|delivery| delivery.watermark.as_ref());
        delivered.or(happening.read.as_ref().and_then(|read| read.watermark.as_ref()))
    };
    let stamp = happening.timestamp.as_ref().or_else(watermark);
    let at = stamp.ok_or_else(|| ReceiveError { why: "it does not say when".to_owned() })?.time()?;
    Ok(Some(Scene { contact, from_us, at }))
}

impl Scene {
    pub(super) fn event(&self, key: impl Into<String>, what: Event) -> Inbound {
        let person = Person { id: self.contact.clone(), ..Person::default() };
        inbound::event(key, self.at, inbound::direct(self.contact.clone(), person), what)
    }

    /// Tells what has no id of its own by who and when.
    pub(super) fn key(&self, kind: &str) -> String {
        format!("{kind}:{}:{}", self.contact, self.at.timestamp_millis())
    }
}
