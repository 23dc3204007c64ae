//! Events as this service reads them. What it does not know is nothing to it (BUS-12).

use chrono::{DateTime, Utc};
use uuid::Uuid;
use weft_bus::Event;
use weft_domain::{Error, Result, TenantId, id};
use weft_proto::{
    conversation::v1::{self as api, author, conversation::Status, message::Direction},
    convert,
    events::v1::{ChannelCreated, ConversationCreated, MessageCreated, UserCreated},
    json,
};

/// What an event tells.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Message(MessageSeen),
    Conversation(Box<ConversationSeen>),
    Channel(Named),
    Person(Named),
    Nothing,
}

/// A message as an event shows it.
#[derive(Clone, Debug)]
pub(crate) struct MessageSeen {
    pub(crate) id: Uuid,
    pub(crate) conversation: Uuid,
    pub(crate) seq: i64,
    pub(crate) direction: Direction,
    /// Whether a person of ours wrote it.
    pub(crate) by_person: bool,
    /// That person, where we know who it was.
    pub(crate) agent: Option<Uuid>,
    pub(crate) at: DateTime<Utc>,
    pub(crate) failed: bool,
    pub(crate) unclear: bool,
}

/// A conversation as an event shows it.
#[derive(Clone, Debug)]
pub(crate) struct ConversationSeen {
    pub(crate) id: Uuid,
    pub(crate) channel: Uuid,
    /// None: a word that only a newer release knows.
    pub(crate) status: Option<Status>,
    pub(crate) assignee: Option<Uuid>,
    /// Whether it became part of another one.
    pub(crate) merged: bool,
    pub(crate) waiting_since: Option<DateTime<Utc>>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) version: Version,
}

/// The order of a conversation's events: its last `seq`, then its clock. What is not newer changes nothing (TX-6).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version {
    pub(crate) last_seq: i64,
    pub(crate) changed_at: DateTime<Utc>,
    /// Tells two changes of one microsecond apart.
    pub(crate) event_id: String,
}

/// A channel or a person.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    pub(crate) id: Uuid,
    /// A channel's kind.
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) at: DateTime<Utc>,
}

/// Reads an event.
pub(crate) fn read(event: &Event) -> Result<(TenantId, Change)> {
    let tenant = id::parse("tenant", event.tenant.as_deref().unwrap_or_default())?;
    Ok((tenant, read_change(event)?))
}

fn read_change(event: &Event) -> Result<Change> {
    // Created, updated and deleted carry the same thing in the same field.
    match event.kind.as_str() {
        "weft.v1.message.created" | "weft.v1.message.updated" => {
            let told: MessageCreated = json::decode(&event.data)?;
            message(&told.message.ok_or_else(|| missing("message"))?)
        }
        "weft.v1.conversation.created" | "weft.v1.conversation.updated" => {
            let told: ConversationCreated = json::decode(&event.data)?;
            conversation(&told.conversation.ok_or_else(|| missing("conversation"))?, &event.id)
        }
        "weft.v1.channel.created" | "weft.v1.channel.updated" | "weft.v1.channel.deleted" => {
            let told: ChannelCreated = json::decode(&event.data)?;
            let channel = told.channel.ok_or_else(|| missing("channel"))?;
            let id = id::parse::<id::Channel>("channel.id", &channel.id)?.uuid();
            Ok(Change::Channel(Named { id, kind: channel.kind, name: channel.name, at: event.time }))
        }
        "weft.v1.user.created" | "weft.v1.user.updated" => {
            let told: UserCreated = json::decode(&event.data)?;
            let user = told.user.ok_or_else(|| missing("user"))?;
            let id = id::parse::<id::User>("user.id", &user.id)?.uuid();
            let name = if user.name.is_empty() { user.email } else { user.name };
            Ok(Change::Person(Named { id, kind: String::new(), name, at: event.time }))
        }
        _ => Ok(Change::Nothing),
    }
}

fn message(told: &api::Message) -> Result<Change> {
    let author = told.author.as_ref().ok_or_else(|| missing("author"))?;
    let by_person = author.kind() == author::Kind::Agent;
    let agent = match by_person && !author.id.is_empty() {
        true => Some(id::parse::<id::User>("author.id", &author.id)?.uuid()),
        false => None,
    };
    Ok(Change::Message(MessageSeen {
        id: id::parse::<id::Message>("message.id", &told.id)?.uuid(),
        conversation: id::parse::<id::Conversation>("conversation_id", &told.conversation_id)?.uuid(),
        seq: whole(told.seq),
        direction: told.direction(),
        by_person,
        agent,
        at: time(told.created_at.as_ref(), "created_at")?,
        failed: told.state() == api::message::State::Failed,
        unclear: told.state() == api::message::State::Unclear,
    }))
}

fn conversation(told: &api::Conversation, event_id: &str) -> Result<Change> {
    let channel = told.channel.as_ref().ok_or_else(|| missing("channel"))?;
    let assignee = told.assignee.as_deref().filter(|user| !user.is_empty());
    Ok(Change::Conversation(Box::new(ConversationSeen {
        id: id::parse::<id::Conversation>("conversation.id", &told.id)?.uuid(),
        channel: id::parse::<id::Channel>("channel.id", &channel.id)?.uuid(),
        status: Some(told.status()).filter(|status| *status != Status::Unspecified),
        assignee: assignee
            .map(|user| id::parse::<id::User>("assignee", user))
            .transpose()?
            .map(|id| id.uuid()),
        merged: told.merged_into.is_some(),
        waiting_since: told.waiting_since.as_ref().and_then(convert::time),
        created_at: time(told.created_at.as_ref(), "created_at")?,
        version: Version {
            last_seq: whole(told.last_seq),
            changed_at: time(told.updated_at.as_ref(), "updated_at")?,
            event_id: event_id.to_owned(),
        },
    })))
}

fn time(stamp: Option<&prost_types::Timestamp>, field: &str) -> Result<DateTime<Utc>> {
    stamp.and_then(convert::time).ok_or_else(|| missing(field))
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn missing(what: &str) -> Error {
    Error::invalid("unreadable_event", format!("the event has no `{what}`"))
}
