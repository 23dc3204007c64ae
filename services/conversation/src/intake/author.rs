use weft_proto::channel::v1::{Person, Thread, thread};

use super::Event;
use crate::store::contacts::Newcomer;

/// The contact a thread belongs to: the person of a direct thread, the group itself otherwise.
pub(super) fn party(event: &Event) -> Newcomer {
    let empty = Thread::default();
    let thread = event.inbound.thread.as_ref().unwrap_or(&empty);
    let is_group = thread.kind() == thread::Kind::Group;
    let person = if is_group { None } else { thread.contact.as_ref().or(event.inbound.sender.as_ref()) };
    match person {
        Some(person) => Newcomer { external_id: thread.id.clone(), ..newcomer(event, person) },
        None => Newcomer {
            channel_id: event.channel_id,
            channel_kind: event.inbound.channel_kind.clone(),
            external_id: thread.id.clone(),
            name: or(&thread.title, &thread.id),
            is_group,
            username: None,
            email: None,
            phone: None,
            language: None,
        },
    }
}

/// Who wrote, when that is not the thread's own contact.
pub(super) fn writer(event: &Event) -> Option<Newcomer> {
    let sender = event.inbound.sender.as_ref()?;
    let is_group = event.inbound.thread.as_ref().is_some_and(|thread| thread.kind() == thread::Kind::Group);
    (is_group && !sender.id.is_empty()).then(|| newcomer(event, sender))
}

fn newcomer(event: &Event, person: &Person) -> Newcomer {
    let known_as = person.username.clone().unwrap_or_else(|| person.id.clone());
    Newcomer {
        channel_id: event.channel_id,
        channel_kind: event.inbound.channel_kind.clone(),
        external_id: person.id.clone(),
        name: super::clean(&or(&person.name, &known_as)),
        is_group: false,
        username: person.username.clone(),
        email: person.email.clone(),
        phone: person.phone.clone(),
        language: person.language.clone(),
    }
}

fn or(first: &str, second: &str) -> String {
    if first.trim().is_empty() { second.to_owned() } else { first.trim().to_owned() }
}
