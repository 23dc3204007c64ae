//! What visitors do, as events. Pure.

use chrono::{DateTime, Utc};
use uuid::Uuid;
use weft_channel::{
    DeliveryReport, Event, Inbound, MessageReceived, Person, Thread, Typing, delivery_report::State, inbound,
};
use weft_domain::{Error, Result};

use crate::{room::Room, session::Session};

/// The longest message of a visitor.
const MAX_TEXT_CHARS: usize = 4_000;

/// The visitor wrote; the same `client_id` is the same message.
pub(crate) fn message(
    room: &Room,
    session: &Session,
    client_id: Uuid,
    text: String,
    at: DateTime<Utc>,
) -> Inbound {
    let id = room.message_id(client_id);
    let received = MessageReceived { id: id.clone(), text, ..MessageReceived::default() };
    inbound::event(id, at, thread(room, session), Event::Message(received))
}

/// The visitor is writing.
pub(crate) fn typing(room: &Room, session: &Session, at: DateTime<Utc>) -> Inbound {
    let key = format!("typing:{}:{}", room.visitor, at.timestamp_millis());
    inbound::event(key, at, thread(room, session), Event::Typing(Typing { on: true }))
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
pub(crate) fn text(given: &str) -> Result<String> {
    let text = given.trim();
    if text.is_empty() {
        return Err(Error::invalid("missing_field", "`text` must not be empty").with_field("text"));
    }
    if text.chars().count() > MAX_TEXT_CHARS {
        let words = format!("`text` must be at most {MAX_TEXT_CHARS} characters long");
        return Err(Error::invalid("too_long", words).with_field("text"));
    }
    if text.contains('\0') {
        return Err(Error::invalid_field("text", "`text` must not contain NUL characters"));
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
        email: session.email.clone(),
        ..Person::default()
    };
    inbound::direct(room.thread_id(), person)
}
