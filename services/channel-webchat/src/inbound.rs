//! What visitors do, as events. Pure.

use chrono::{DateTime, Utc};
use uuid::Uuid;
use weft_channel::{
    DeliveryReport, Event, Inbound, MessageReceived, Person, Thread, Typing, delivery_report::State, inbound,
};
use weft_domain::{Error, Result};

use crate::{room::Room, session::Session};

/// The visitor wrote; the same `client_id` is the same message.
pub(crate) fn message(
    room: &Room,
    session: &Session,
    client_id: Uuid,
    content: MessageReceived,
    at: DateTime<Utc>,
) -> Inbound {
    let id = room.message_id(client_id);
    let received = MessageReceived { id: id.clone(), ..content };
    inbound::event(id, at, thread(room, session), Event::Message(received))
}

/// The visitor is writing, or has stopped.
pub(crate) fn typing(room: &Room, session: &Session, on: bool, at: DateTime<Utc>) -> Inbound {
    let key = format!("typing:{}:{}", room.visitor, at.timestamp_millis());
    inbound::event(key, at, thread(room, session), Event::Typing(Typing { on }))
}

/// The visitor has everything up to a message, or has read it.
pub(crate) fn report(
    room: &Room,
    session: &Session,
    message_id: String,
    state: State,
    at: DateTime<Utc>,
) -> Inbound {
    let key = format!("{}:{}:{message_id}", state.as_str_name(), room.visitor);
    let report =
        DeliveryReport { id: message_id, state: state.into(), up_to: true, ..DeliveryReport::default() };
    inbound::event(key, at, thread(room, session), Event::Report(report))
}

/// A visitor's text, as it may be.
pub(crate) fn text(field: &str, given: &str, most: usize) -> Result<String> {
    let text = given.trim();
    if text.is_empty() {
        return Err(Error::invalid("missing_field", format!("`{field}` must not be empty")).with_field(field));
    }
    if text.chars().count() > most {
        let words = format!("`{field}` must be at most {most} characters long");
        return Err(Error::invalid("too_long", words).with_field(field));
    }
    if text.contains('\0') {
        return Err(Error::invalid_field(field, format!("`{field}` must not contain NUL characters")));
    }
    Ok(text.to_owned())
}

/// The id that a visitor's page gave to a message.
pub(crate) fn client_id(given: &str) -> Result<Uuid> {
    Uuid::try_parse(given)
        .map_err(|_| Error::invalid("invalid_id", "`client_id` must be a UUID").with_field("client_id"))
}

fn thread(room: &Room, session: &Session) -> Thread {
    let person = Person {
        id: room.visitor.to_string(),
        name: session.name.clone().unwrap_or_default(),
        username: session.user.clone(),
        email: session.email.clone(),
        phone: session.phone.clone(),
        // some of it may be typed, also where the tenant's server vouches for the visitor
        claimed: true,
        ..Person::default()
    };
    inbound::direct(room.thread_id(), person)
}
