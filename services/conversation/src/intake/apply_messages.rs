use std::collections::{HashMap, HashSet};

use chrono::{DateTime, SubsecRound, Utc};
use tracing::{Instrument, Span};
use uuid::Uuid;
use weft_domain::{
    Error, Result,
    conversation::{AuthorKind, Direction, Kind, Status},
    delivery::State,
};
use weft_proto::{
    AsJson,
    channel::v1::{FetchMedia, Media, MessageReceived, inbound, order},
    conversation::v1::{Order, attachment},
};
use weft_rich_text::checked;
use weft_store::Tx;

use super::{Event, apply_call, author, label, unique, words};
use crate::{
    deliver, events,
    notify::Notices,
    show::{self, Surroundings},
    store::{
        contacts::{self, Newcomer},
        content::{Content, StoredAttachment, StoredCard, StoredLocation},
        conversation_changes,
        conversations::{self, Place},
        entity::{contact, conversation, message},
        messages,
    },
    threads,
};

/// The most telephone numbers, and e-mail addresses, of a contact card that are kept.
const MAX_CARD_ENTRIES: usize = 50;
/// More products are in the words only.
const MAX_ORDER_ITEMS: usize = 100;

/// Stores messages of contacts. Each belongs to the one live conversation of its contact and channel.
pub(super) async fn apply(tx: &Tx, events: &[&Event], notices: &mut Notices) -> Result<()> {
    let new = drop_known(tx, events).await?;
    if new.is_empty() {
        return Ok(());
    }
    let people = new
        .iter()
        .flat_map(|(event, message)| std::iter::once(author::party(event)).chain(writer(event, message)));
    let people: Vec<Newcomer> = people.collect();
    let (mut known, met) = contacts::find_or_create(tx, &people).await?;
    let completed = Box::pin(contacts::complete(tx, &people, &mut known)).await?;
    let mut answered = answered(tx, &new).await?;
    threads::follow_quotes(tx, answered.values().copied().collect()).await?;
    let place = |event: &Event| author::place(event, &known);
    let places: Vec<Place> = new.iter().map(|(event, _)| place(event)).collect::<Result<_>>()?;
    let (mut live, opened) = conversations::find_or_open(tx, places.clone()).await?;
    author::note_threads(tx, &mut live, &opened, &places).await?;

    let before = live.statuses();
    // Which of the events tells of a contact or a conversation: the last one.
    let mut causes: HashMap<Uuid, &Event> = HashMap::new();
    let mut written = Vec::with_capacity(new.len());
    for (event, received) in &new {
        let place = place(event)?;
        let conversation = live.at(&place).ok_or_else(closed_meanwhile)?;
        conversation.last_seq += 1;
        let message = row(tx, event, received, conversation, &known, &answered);
        if received.from_us && conversation.contact_wrote_at.is_none() {
            conversation.contact_wrote_at =
                messages::last_inbound(tx, conversation.contact_id, conversation.channel_id).await?;
        }
        note(tx, conversation, &message, place.unheard)?;
        if !place.unheard {
            notices.wrote(conversation, &message);
        }
        let fetched = (0..).zip(&received.media);
        event.span.in_scope(|| {
            fetched.into_iter().try_for_each(|(index, media)| fetch(tx, event, &message, index, media))
        })?;
        if let Some(external_id) = &message.external_id {
            answered.insert((event.channel_id, external_id.clone()), message.id);
        }
        causes.extend([(conversation.id, *event), (place.contact_id, *event)]);
        causes.extend(message.author_id.map(|author| (author, *event)));
        written.push((*event, message));
    }
    let changed: Vec<conversation::Model> = live.into_rows();
    conversations::save_all(tx, &changed).await?;
    conversation_changes::note(tx, &before, &changed).await?;
    messages::insert(tx, written.iter().map(|(_, message)| message)).await?;

    let within = |id: Uuid| causes.get(&id).map_or_else(Span::none, |event| event.span.clone());
    let identities = contacts::identities(tx, met.iter().map(|contact| contact.id).collect()).await?;
    for contact in &met {
        within(contact.id).in_scope(|| events::contact_created(tx, contact, &identities))?;
    }
    for contact in &completed {
        events::contact_updated(tx, contact).instrument(within(contact.id)).await?;
    }
    let contacts = known.into_values().map(|contact| (contact.id, contact)).collect();
    let newest = written.iter().map(|(_, message)| (message.id, message.clone())).collect();
    let surroundings = Surroundings::known(contacts, newest).completed(tx, &changed).await?;
    let (created, updated): (Vec<_>, Vec<_>) =
        changed.iter().partition(|conversation| opened.contains(&conversation.id));
    for row in created {
        within(row.id).in_scope(|| events::conversation_created(tx, row, &surroundings))?;
    }
    for (event, message) in &written {
        event.span.in_scope(|| events::message_created(tx, message))?;
    }
    for row in updated {
        within(row.id).in_scope(|| events::conversation_updated(tx, row, &surroundings))?;
    }
    Ok(())
}

/// Who wrote a message, when that is neither the thread's own contact nor somebody of ours.
fn writer(event: &Event, message: &MessageReceived) -> Option<Newcomer> {
    author::writer(event).filter(|_| !message.from_us)
}

/// An agent closed the conversation since we looked: the next look opens its successor.
fn closed_meanwhile() -> Error {
    Error::conflict("conversation_closed", "the conversation was closed at this very moment")
}

/// Leaves out messages that are stored already under the provider's id, whatever their event was called.
async fn drop_known<'a>(tx: &Tx, events: &[&'a Event]) -> Result<Vec<(&'a Event, &'a MessageReceived)>> {
    let all: Vec<(&Event, &MessageReceived)> = events
        .iter()
        .filter_map(|event| match &event.inbound.event {
            Some(inbound::Event::Message(message)) => Some((*event, message)),
            Some(inbound::Event::Edited(edited)) => Some((*event, edited.message.as_ref()?)),
            _ => None,
        })
        .collect();
    let mut stored: HashSet<(Uuid, String)> = HashSet::new();
    for channel in unique(all.iter().map(|(event, _)| event.channel_id)) {
        let ids: Vec<String> = all
            .iter()
            .filter(|(event, _)| event.channel_id == channel)
            .map(|(_, message)| message.id.clone())
            .collect();
        stored
            .extend(messages::by_external_ids(tx, channel, &ids).await?.into_keys().map(|id| (channel, id)));
    }
    // A message of ours that comes back as an echo is known by our own id.
    let is_echo = |message: &MessageReceived| message.from_us && message.echo_of.is_some();
    let mut is_new = |event: &Event, message: &MessageReceived| {
        message.id.is_empty() || stored.insert((event.channel_id, message.id.clone()))
    };
    Ok(all.into_iter().filter(|(event, message)| !is_echo(message) && is_new(event, message)).collect())
}

/// Our ids of the messages that are answered, as far as they were there before this batch.
async fn answered(tx: &Tx, new: &[(&Event, &MessageReceived)]) -> Result<HashMap<(Uuid, String), Uuid>> {
    let mut found = HashMap::new();
    for channel in unique(new.iter().map(|(event, _)| event.channel_id)) {
        let answered: Vec<String> = new
            .iter()
            .filter(|(event, _)| event.channel_id == channel)
            .filter_map(|(_, message)| message.reply_to.clone())
            .collect();
        found.extend(
            messages::by_external_ids(tx, channel, &answered)
                .await?
                .into_iter()
                .map(|(id, ours)| ((channel, id), ours)),
        );
    }
    Ok(found)
}

fn row(
    tx: &Tx,
    event: &Event,
    received: &MessageReceived,
    conversation: &conversation::Model,
    known: &contacts::Known,
    answered: &HashMap<(Uuid, String), Uuid>,
) -> message::Model {
    let writer = author::writer(event).and_then(|writer| known.get(&(event.channel_id, writer.external_id)));
    let contact: Option<&contact::Model> =
        writer.or_else(|| known.get(&(event.channel_id, author::party_id(event).to_owned())));
    let reply_to =
        received.reply_to.as_ref().and_then(|id| answered.get(&(event.channel_id, id.clone())).copied());
    let (direction, author_kind, state) = if received.from_us {
        (Direction::Outbound, AuthorKind::Agent, State::Sent)
    } else {
        (Direction::Inbound, AuthorKind::Contact, State::Received)
    };
    let own = if received.from_us { None } else { contact };
    message::Model {
        tenant_id: tx.tenant().uuid(),
        id: Uuid::now_v7(),
        conversation_id: conversation.id,
        seq: conversation.last_seq,
        channel_id: event.channel_id,
        direction: direction.to_string(),
        author_kind: author_kind.to_string(),
        author_id: own.map(|contact| contact.id),
        author_name: own.map(|contact| contact.name.clone()).unwrap_or_default(),
        kind: kind(received).to_string(),
        text: words(&received.text),
        content: content(received),
        reply_to,
        client_id: None,
        external_id: Some(received.id.clone()).filter(|id| !id.is_empty()),
        state: state.to_string(),
        state_reason: None,
        attempt: 0,
        repeatable: false,
        due_at: None,
        expires_at: None,
        edited_at: None,
        deleted_at: None,
        created_at: occurred_at(tx, event),
    }
}

/// When the provider says it happened, unless its clock runs ahead of ours.
fn occurred_at(tx: &Tx, event: &Event) -> DateTime<Utc> {
    let said = event.inbound.occurred_at.as_ref().and_then(weft_proto::convert::time);
    said.unwrap_or_else(|| tx.now()).min(tx.now()).trunc_subsecs(6)
}

pub(super) fn kind(received: &MessageReceived) -> Kind {
    if received.unsupported.is_some() {
        Kind::Unsupported
    } else if received.call.is_some() {
        Kind::Call
    } else if !received.media.is_empty() {
        Kind::Attachment
    } else if received.location.is_some() {
        Kind::Location
    } else if received.contact_card.is_some() {
        Kind::ContactCard
    } else {
        Kind::Text
    }
}

pub(super) fn content(received: &MessageReceived) -> Content {
    Content {
        attachments: received.media.iter().map(attachment).collect(),
        location: received.location.as_ref().map(|place| StoredLocation {
            latitude: place.latitude,
            longitude: place.longitude,
            title: label(&place.title),
            address: label(&place.address),
        }),
        contact_card: received.contact_card.as_ref().map(|card| StoredCard {
            name: label(&card.name),
            phones: card.phones.iter().take(MAX_CARD_ENTRIES).map(|phone| label(phone)).collect(),
            emails: card.emails.iter().take(MAX_CARD_ENTRIES).map(|email| label(email)).collect(),
        }),
        call: received.call.as_ref().map(|told| apply_call::merged(None, told)),
        postback: received.postback.clone(),
        unsupported: received.unsupported.clone(),
        raw: received.raw.clone(),
        products: received.products.clone().map(AsJson),
        rich: received.rich.clone().and_then(|rich| checked(rich).ok()).map(AsJson),
        order: received.order.as_ref().map(|order| AsJson(bounded(order))),
        ..Content::default()
    }
}

fn bounded(order: &Order) -> Order {
    Order { items: order.items.iter().take(MAX_ORDER_ITEMS).cloned().collect(), ..order.clone() }
}

fn attachment(media: &Media) -> StoredAttachment {
    let kind = attachment::Kind::try_from(media.kind).unwrap_or(attachment::Kind::File);
    StoredAttachment {
        file: None,
        kind: kind.as_str_name().to_owned(),
        name: label(&media.name),
        mime: label(&media.mime),
        size: media.size,
        source: source(media).to_owned(),
        ..StoredAttachment::default()
    }
}

/// What tells the provider's files apart.
pub(super) fn source(media: &Media) -> &str {
    if media.unique_id.is_empty() { &media.reference } else { &media.unique_id }
}

/// What a message changes in its conversation.
fn note(
    tx: &Tx,
    conversation: &mut conversation::Model,
    message: &message::Model,
    unheard: bool,
) -> Result<()> {
    conversation.last_message_id = Some(message.id);
    // Not when the provider says it was written: what comes late is new to us, and belongs on top.
    conversation.active_at = tx.now();
    conversation.updated_at = tx.now();
    if message.direction == Direction::Inbound.to_string() {
        conversation.contact_wrote_at = conversation.contact_wrote_at.max(Some(message.created_at));
        if unheard {
            conversation.stay_away(tx.now());
            return Ok(());
        }
        conversation.unread_count = conversation.unread_count.saturating_add(1);
        conversation.waiting_since = conversation.waiting_since.or(Some(message.created_at));
        let status: Status = show::stored(&conversation.status)?;
        conversation.come_back(status);
    } else {
        conversation.waiting_since = None;
    }
    Ok(())
}

/// Orders the adapter to bring a file into our store; the message shows it as pending until then.
pub(super) fn fetch(
    tx: &Tx,
    event: &Event,
    message: &message::Model,
    index: u32,
    media: &Media,
) -> Result<()> {
    let fetch = FetchMedia {
        message_id: show::message_id(message.id),
        index,
        thread_id: event.thread_id().to_owned(),
        media: Some(media.clone()),
    };
    // A key of its own: an answer does not wait until a long video has come down.
    let channel = (event.channel_id, event.inbound.channel_kind.as_str());
    deliver::emit(tx, channel, &fetch.message_id.clone(), order::Order::FetchMedia(fetch))
}
