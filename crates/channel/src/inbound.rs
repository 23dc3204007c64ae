//! Makes events in few words.

use chrono::{DateTime, Utc};
use weft_proto::convert::timestamp;

use crate::{Event, Inbound, Person, Thread, thread};

/// An event; the host fills in tenant and channel.
pub fn event(key: impl Into<String>, occurred_at: DateTime<Utc>, thread: Thread, event: Event) -> Inbound {
    Inbound {
        key: key.into(),
        occurred_at: Some(timestamp(occurred_at)),
        thread: Some(thread),
        event: Some(event),
        ..Inbound::default()
    }
}

/// A thread with one contact.
pub fn direct(id: impl Into<String>, contact: Person) -> Thread {
    Thread {
        id: id.into(),
        kind: thread::Kind::Direct.into(),
        title: contact.name.clone(),
        contact: Some(contact),
    }
}

/// A thread with several people.
pub fn group(id: impl Into<String>, title: impl Into<String>) -> Thread {
    Thread { id: id.into(), kind: thread::Kind::Group.into(), title: title.into(), contact: None }
}
