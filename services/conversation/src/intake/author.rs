use weft_domain::{Error, Result};
use weft_proto::channel::v1::{Person, Thread, thread};

use super::{Event, label};
use crate::store::{
    contacts::{Known, Newcomer},
    conversations::Place,
};

/// The contact a thread belongs to: the person of a direct thread, the group itself otherwise.
pub(super) fn party(event: &Event) -> Newcomer {
    let empty = Thread::default();
    let thread = event.inbound.thread.as_ref().unwrap_or(&empty);
    let is_group = is_group(event);
    let person = if is_group { None } else { thread.contact.as_ref().or(event.inbound.sender.as_ref()) };
    match person {
        Some(person) => Newcomer { external_id: thread.id.clone(), ..newcomer(event, person) },
        None => Newcomer {
            channel_id: event.channel_id,
            channel_kind: event.inbound.channel_kind.clone(),
            external_id: thread.id.clone(),
            name: label(or(&thread.title, &thread.id)),
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
    (is_group(event) && !sender.id.is_empty()).then(|| newcomer(event, sender))
}

/// Where the event belongs, its contact being among those `known`.
pub(super) fn place(event: &Event, known: &Known) -> Result<Place> {
    let contact = known
        .get(&(event.channel_id, event.thread_id().to_owned()))
        .ok_or_else(|| Error::internal("an identity has lost its contact"))?;
    Ok(Place {
        channel_id: event.channel_id,
        channel_kind: event.inbound.channel_kind.clone(),
        contact_id: contact.id,
        thread_id: event.thread_id().to_owned(),
    })
}

fn is_group(event: &Event) -> bool {
    event.inbound.thread.as_ref().is_some_and(|thread| thread.kind() == thread::Kind::Group)
}

fn newcomer(event: &Event, person: &Person) -> Newcomer {
    let known_as = person.username.as_deref().unwrap_or(&person.id);
    let given = |text: &Option<String>| text.as_deref().map(label).filter(|text| !text.is_empty());
    Newcomer {
        channel_id: event.channel_id,
        channel_kind: event.inbound.channel_kind.clone(),
        external_id: person.id.clone(),
        name: label(or(&person.name, known_as)),
        is_group: false,
        username: given(&person.username),
        email: given(&person.email),
        phone: given(&person.phone),
        language: given(&person.language),
    }
}

fn or<'a>(first: &'a str, second: &'a str) -> &'a str {
    if first.trim().is_empty() { second } else { first }
}
