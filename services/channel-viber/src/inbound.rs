//! Webhooks into events. Pure.

use chrono::DateTime;
use serde::Deserialize as _;
use serde_json::Value;
use weft_channel::{
    ContactCard, ConversationStarted, DeliveryReport, Event, Location, Media, MessageReceived, Person,
    Reachability, ReceiveError, Received, attachment::Kind, delivery_report::State, inbound,
};

use crate::wire::{Callback, Content, FileObject, User, What};

/// Translates a webhook.
pub(crate) fn receive(body: &Value) -> Result<Received, ReceiveError> {
    let callback = Callback::deserialize(body).map_err(|error| ReceiveError::from_json(&error))?;
    let token = callback.message_token;
    let (kind, person, what) = match callback.what {
        What::Message { sender, message } => {
            ("message", person(sender), Event::Message(content(token, message, body)))
        }
        What::Delivered { user_id } => ("delivered", nameless(user_id), report(token, State::Delivered, "")),
        What::Seen { user_id } => ("seen", nameless(user_id), report(token, State::Read, "")),
        What::Failed { user_id, desc } => ("failed", nameless(user_id), report(token, State::Failed, &desc)),
        What::Subscribed { user } => ("subscribed", person(user), reachability(true, "")),
        What::Unsubscribed { user_id } => (
            "unsubscribed",
            nameless(user_id),
            reachability(false, "the contact does not follow the bot any more"),
        ),
        What::ConversationStarted { user, context } => {
            let started = ConversationStarted { payload: context };
            ("conversation_started", person(user), Event::Started(started))
        }
        What::Webhook => return Ok(Received::ignored("webhook", "Viber asks whether we are here")),
        What::Other => return Ok(Received::ignored("unknown_event", "this kind of event is not known")),
    };
    let at = DateTime::from_timestamp_millis(callback.timestamp)
        .ok_or_else(|| ReceiveError { why: "the date is out of range".to_owned() })?;
    // a message and its receipts have the same token
    let key = format!("{kind}:{token}");
    Ok(Received::event(inbound::event(key, at, inbound::direct(person.id.clone(), person), what)))
}

fn content(token: u64, content: Content, body: &Value) -> MessageReceived {
    let message = match content {
        Content::Text { text } | Content::Url { media: text } => {
            MessageReceived { text, ..MessageReceived::default() }
        }
        Content::Picture(object) => file(token, Kind::Image, "jpg", object),
        Content::Video(object) => file(token, Kind::Video, "mp4", object),
        Content::File(object) => file(token, Kind::File, "bin", object),
        Content::Contact { contact } => MessageReceived {
            contact_card: Some(ContactCard {
                name: contact.name,
                phones: vec![contact.phone_number],
                ..ContactCard::default()
            }),
            ..MessageReceived::default()
        },
        Content::Location { location } => MessageReceived {
            location: Some(Location {
                latitude: location.lat,
                longitude: location.lon,
                ..Location::default()
            }),
            ..MessageReceived::default()
        },
        Content::Sticker | Content::Other => unsupported(body.get("message").unwrap_or(&Value::Null)),
    };
    MessageReceived { id: token.to_string(), ..message }
}

fn file(token: u64, kind: Kind, extension: &str, object: FileObject) -> MessageReceived {
    let media = Media {
        reference: object.media,
        kind: kind.into(),
        name: object.file_name.unwrap_or_else(|| format!("{token}.{extension}")),
        size: object.size,
        // addresses of the same file differ
        unique_id: token.to_string(),
        ..Media::default()
    };
    MessageReceived { text: object.text, media: vec![media], ..MessageReceived::default() }
}

fn unsupported(message: &Value) -> MessageReceived {
    let kind = message.get("type").and_then(Value::as_str).unwrap_or_default();
    MessageReceived {
        unsupported: Some(kind.to_owned()),
        raw: Some(message.to_string()),
        ..MessageReceived::default()
    }
}

fn report(token: u64, state: State, reason: &str) -> Event {
    let reason = reason.to_owned();
    Event::Report(DeliveryReport {
        id: token.to_string(),
        state: state.into(),
        reason,
        ..DeliveryReport::default()
    })
}

fn reachability(reachable: bool, reason: &str) -> Event {
    Event::Reachability(Reachability { reachable, reason: reason.to_owned() })
}

fn person(user: User) -> Person {
    Person { id: user.id, name: user.name, language: user.language, ..Person::default() }
}

fn nameless(id: String) -> Person {
    Person { id, ..Person::default() }
}
