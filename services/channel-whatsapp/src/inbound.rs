//! Webhooks into events. Pure.

mod content;
mod on_message;
mod on_status;
mod order;
mod people;

pub(crate) use people::is_user_id;

use serde_json::Value;
use weft_channel::{
    Event, Ignored, Inbound, ReceiveError, Received, WebhookCall,
    inbound::{read, unreadable},
};
use weft_meta_graph::hub;

use crate::{
    Account, signs,
    wire::{Addressed, Change, Changed, Contact, Entry, Webhook},
};

/// Fields of a webhook that we know and leave out.
const UNWANTED: [&str; 9] = [
    "account_alerts",
    "account_review_update",
    "account_update",
    "business_capability_update",
    "history",
    "phone_number_name_update",
    "phone_number_quality_update",
    "smb_app_state_sync",
    "user_preferences",
];

/// Fields that tell of a template: the list is asked for anew, since they tell only what changed.
const OF_TEMPLATES: [&str; 4] = [
    "message_template_components_update",
    "message_template_quality_update",
    "message_template_status_update",
    "template_category_update",
];

/// Translates a webhook, as far as it is about this account; what cannot be read does not stop the rest.
pub(crate) fn receive(account: &Account, call: &WebhookCall) -> Result<Received, ReceiveError> {
    if let Some(greeted) = hub::greeted(call) {
        return Ok(greeted);
    }
    let webhook: Webhook = call.json()?;
    let mut received = Received::default();
    for raw in &webhook.entry {
        received.append(entry(account, raw).unwrap_or_else(|error| unreadable(error, raw)));
    }
    received.drop_repeated();
    Ok(received)
}

fn entry(account: &Account, raw: &Value) -> Result<Received, ReceiveError> {
    let entry: Entry = read(raw)?;
    let mut received = Received::default();
    for raw in &entry.changes {
        received.append(change(account, &entry, raw).unwrap_or_else(|error| unreadable(error, raw)));
    }
    Ok(received)
}

fn change(account: &Account, entry: &Entry, raw: &Value) -> Result<Received, ReceiveError> {
    let change: Change = read(raw)?;
    if OF_TEMPLATES.contains(&change.field.as_str()) {
        // they name no number: all numbers of the business account have the same templates
        let is_ours = entry.id == account.waba_id;
        return match is_ours {
            true => Ok(Received { templates_changed: true, ..Received::default() }),
            false => Ok(Received::ignored("another_account", "it is for another account of the same app")),
        };
    }
    if !matches!(change.field.as_str(), "messages" | "smb_message_echoes") {
        let known = UNWANTED.into_iter().find(|field| *field == change.field);
        return Ok(Received::ignored(known.unwrap_or("unknown_field"), "this is not about conversations"));
    }
    let addressed: Addressed = read(&change.value)?;
    if addressed.metadata.phone_number_id != account.phone_number_id {
        let kind = if entry.id == account.waba_id { "another_number" } else { "another_account" };
        return Ok(Received::ignored(kind, "it is for another number of the same app"));
    }
    let mut received = values(&read(&change.value)?);
    if account.mark_as_read {
        let ids = received.events.iter().filter_map(written);
        // cannot fail: `validate` lets only tokens pass that a header can carry
        received.calls = ids.filter_map(|id| signs::read(account, id).ok()).collect();
    }
    Ok(received)
}

/// The id of a message that the contact wrote.
fn written(event: &Inbound) -> Option<&str> {
    match &event.event {
        Some(Event::Message(message)) if !message.from_us => Some(&message.id),
        _ => None,
    }
}

/// What happened to our number.
fn values(changed: &Changed) -> Received {
    // a contact that cannot be read only leaves a message without a name
    let contacts: Vec<Contact> = changed.contacts.iter().filter_map(|raw| read(raw).ok()).collect();
    let mut received = Received::default();
    let mut add = |read: Result<Received, ReceiveError>, raw: &Value| {
        received.append(read.unwrap_or_else(|error| unreadable(error, raw)));
    };
    for raw in &changed.messages {
        add(on_message::received(raw, &contacts), raw);
    }
    for raw in &changed.message_echoes {
        add(on_message::echoed(raw, &contacts), raw);
    }
    for raw in &changed.statuses {
        add(on_status::reported(raw), raw);
    }
    let faults = changed.errors.iter().map(|_| Ignored::new("errors", "a fault that belongs to no message"));
    received.ignored.extend(faults);
    received
}
