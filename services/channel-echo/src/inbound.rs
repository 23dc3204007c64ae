//! Webhooks into events. Pure.

use chrono::DateTime;
use serde::Deserialize as _;
use serde_json::Value;
use weft_channel::{
    DeliveryReport, Event, Ignored, Inbound, MessageReceived, Person, ReceiveError, Received, Unreadable,
    delivery_report::State, inbound,
};

use crate::wire::{Batch, Event as Happened, What};

/// Translates a webhook; an entry that cannot be read does not stop the others.
pub(crate) fn receive(body: &Value) -> Result<Received, ReceiveError> {
    let batch = Batch::deserialize(body).map_err(|error| ReceiveError::from_json(&error))?;
    let mut received = Received::default();
    for entry in batch.events {
        received.append(one(&entry));
    }
    Ok(received)
}

fn one(entry: &Value) -> Received {
    let unreadable = |why: &str| Received {
        unreadable: vec![Unreadable { why: why.to_owned(), raw: entry.to_string().into() }],
        ..Received::default()
    };
    let Ok(happened) = Happened::deserialize(entry) else {
        return unreadable("an event is missing something or has another shape than expected");
    };
    let Some(at) = DateTime::from_timestamp(happened.at, 0) else {
        return unreadable("the date is out of range");
    };
    let what = match happened.what {
        What::Message { message } => Event::Message(MessageReceived {
            id: message.id,
            text: message.text,
            reply_to: message.reply_to,
            ..MessageReceived::default()
        }),
        What::Delivered { message_id } => Event::Report(DeliveryReport {
            id: message_id,
            state: State::Delivered.into(),
            ..DeliveryReport::default()
        }),
        What::Unknown => return Ignored::new("unknown_event", "this kind of event is not known").into(),
    };
    let contact = Person { id: happened.from.id, name: happened.from.name, ..Person::default() };
    let event: Inbound = inbound::event(happened.id, at, inbound::direct(contact.id.clone(), contact), what);
    Received::event(event)
}
