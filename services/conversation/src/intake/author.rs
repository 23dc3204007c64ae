use std::collections::HashSet;

use uuid::Uuid;
use weft_domain::{Error, Result};
use weft_proto::channel::v1::{Person, Thread, thread};
use weft_store::Tx;

use super::{Event, label};
use crate::{
    address,
    store::{
        contacts::{self, Known, Newcomer},
        conversations::{Live, Place},
    },
};

/// The contact a thread belongs to: the person of a direct thread, the group itself otherwise.
pub(super) fn party(event: &Event) -> Newcomer {
    let thread_id = event.thread_id();
    match person(event) {
        Some(person) => {
            let external_id = party_id(event).to_owned();
            let thread_id = Some(thread_id.to_owned()).filter(|thread| *thread != external_id);
            Newcomer { external_id, thread_id, ..newcomer(event, person) }
        }
        None => Newcomer {
            channel_id: event.channel_id,
            channel_kind: event.inbound.channel_kind.clone(),
            external_id: thread_id.to_owned(),
            thread_id: None,
            address: None,
            name: label(or(title(event), thread_id)),
            is_group: is_group(event),
            username: None,
            email: None,
            phone: None,
            language: None,
        },
    }
}

/// What the channel calls the contact of a thread.
pub(super) fn party_id(event: &Event) -> &str {
    match person(event) {
        Some(person) if !person.id.is_empty() => &person.id,
        _ => event.thread_id(),
    }
}

/// Who wrote, when that is not the thread's own contact.
pub(super) fn writer(event: &Event) -> Option<Newcomer> {
    let sender = event.inbound.sender.as_ref().filter(|sender| !sender.id.is_empty())?;
    (sender.id != party_id(event)).then(|| newcomer(event, sender))
}

/// Where the event belongs, its contact being among those `known`.
pub(super) fn place(event: &Event, known: &Known) -> Result<Place> {
    let external_id = party_id(event).to_owned();
    let contact = known
        .get(&(event.channel_id, external_id.clone()))
        .ok_or_else(|| Error::internal("an identity has lost its contact"))?;
    let title = Some(label(title(event))).filter(|title| !title.is_empty() && *title != contact.name);
    Ok(Place {
        channel_id: event.channel_id,
        channel_kind: event.inbound.channel_kind.clone(),
        contact_id: contact.id,
        external_id,
        thread_id: event.thread_id().to_owned(),
        title,
        alone: contact.is_group,
        unheard: contact.blocked_at.is_some(),
    })
}

/// Notes the threads of conversations that are new: a person may have a thread per matter.
pub(super) async fn note_threads(
    tx: &Tx,
    live: &mut Live,
    opened: &HashSet<Uuid>,
    places: &[Place],
) -> Result<()> {
    let is_new =
        |place: &&Place| live.at(place).is_some_and(|conversation| opened.contains(&conversation.id));
    let named: Vec<&Place> =
        places.iter().filter(|place| place.external_id != place.thread_id).filter(is_new).collect();
    for place in named {
        contacts::note_thread(tx, place.channel_id, &place.external_id, &place.thread_id).await?;
    }
    Ok(())
}

/// The contact of a direct thread.
fn person(event: &Event) -> Option<&Person> {
    if is_group(event) {
        return None;
    }
    let contact = event.inbound.thread.as_ref().and_then(|thread| thread.contact.as_ref());
    contact.or(event.inbound.sender.as_ref())
}

fn title(event: &Event) -> &str {
    event.inbound.thread.as_ref().map(|thread: &Thread| thread.title.as_str()).unwrap_or_default()
}

fn is_group(event: &Event) -> bool {
    event.inbound.thread.as_ref().is_some_and(|thread| thread.kind() == thread::Kind::Group)
}

fn newcomer(event: &Event, person: &Person) -> Newcomer {
    let known_as = person.username.as_deref().unwrap_or(&person.id);
    let given = |text: &Option<String>| text.as_deref().map(label).filter(|text| !text.is_empty());
    let phone = person.phone.as_deref().and_then(|phone| address::phone(phone, ""));
    let email = person.email.as_deref().and_then(address::email);
    let vouched = phone.as_deref().map(address::phone_key);
    let vouched = vouched.or_else(|| email.as_deref().map(address::email_key));
    Newcomer {
        channel_id: event.channel_id,
        channel_kind: event.inbound.channel_kind.clone(),
        external_id: person.id.clone(),
        thread_id: None,
        address: vouched.filter(|_| !person.claimed),
        name: label(or(&person.name, known_as)),
        is_group: false,
        username: given(&person.username),
        // what cannot be read is still what they said
        email: email.or_else(|| given(&person.email)),
        phone: phone.or_else(|| given(&person.phone)),
        language: given(&person.language),
    }
}

fn or<'a>(first: &'a str, second: &'a str) -> &'a str {
    if first.trim().is_empty() { second } else { first }
}
