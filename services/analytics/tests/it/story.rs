//! Conversations as the conversation service tells of them.

use chrono::{DateTime, TimeDelta, Utc};
use prost_reflect::ReflectMessage;
use uuid::Uuid;
use weft_auth::{Principal, Signer, Subject};
use weft_bus::Event;
use weft_domain::{Role, TenantId, id};
use weft_proto::{
    conversation::v1::{
        Author, Conversation, Message, author,
        conversation::{Status, Via},
        message::{Direction, State},
    },
    convert::timestamp,
    directory::v1::{Channel, User},
    event_type,
    events::v1::{
        ChannelUpdated, ConversationCreated, ConversationUpdated, MessageCreated, MessageUpdated, UserUpdated,
    },
    json,
};

/// A Monday; all minutes are counted from here.
pub(crate) fn noon() -> DateTime<Utc> {
    "2026-03-02T12:00:00Z".parse().unwrap()
}

/// So many minutes later.
pub(crate) fn minute(minutes: i64) -> DateTime<Utc> {
    noon() + TimeDelta::minutes(minutes)
}

/// One conversation, and all events about it so far.
#[derive(Clone)]
pub(crate) struct Story {
    pub(crate) events: Vec<Event>,
    pub(crate) conversation: Conversation,
    messages: Vec<Message>,
    tenant: TenantId,
}

impl Story {
    /// A conversation begins at this minute.
    pub(crate) fn begin(tenant: TenantId, channel: &str, at: i64) -> Self {
        let conversation = Conversation {
            id: id::new::<id::Conversation>().to_string(),
            channel: Some(Via { id: channel.to_owned(), kind: "echo".into(), name: "Echo".into() }),
            status: Status::Open.into(),
            created_at: Some(timestamp(minute(at))),
            updated_at: Some(timestamp(minute(at))),
            ..Conversation::default()
        };
        let mut story = Self { events: Vec::new(), conversation, messages: Vec::new(), tenant };
        let told = ConversationCreated { conversation: Some(story.conversation.clone()) };
        story.tell(at, &told);
        story
    }

    /// The contact writes; what was put away comes back.
    pub(crate) fn asks(mut self, at: i64) -> Self {
        self.conversation.status = Status::Open.into();
        let since = self.conversation.waiting_since.or(Some(timestamp(minute(at))));
        self.conversation.waiting_since = since;
        self.writes(at, Direction::Inbound, author::Kind::Contact, &id::new::<id::Contact>().to_string())
    }

    /// A person answers.
    pub(crate) fn answers(mut self, at: i64, agent: &str) -> Self {
        self.conversation.waiting_since = None;
        self.writes(at, Direction::Outbound, author::Kind::Agent, agent)
    }

    /// A person answers with the provider's own app: we do not know who.
    pub(crate) fn answers_elsewhere(mut self, at: i64) -> Self {
        self.conversation.waiting_since = None;
        self.writes(at, Direction::Outbound, author::Kind::Agent, "")
    }

    /// A bot answers.
    pub(crate) fn bot_answers(mut self, at: i64) -> Self {
        self.conversation.waiting_since = None;
        self.writes(at, Direction::Outbound, author::Kind::Bot, &id::new::<id::User>().to_string())
    }

    /// A person leaves a note.
    pub(crate) fn notes(self, at: i64, agent: &str) -> Self {
        self.writes(at, Direction::Internal, author::Kind::Agent, agent)
    }

    /// The delivery of the message with this number, from 0, comes to this.
    pub(crate) fn delivery(mut self, at: i64, index: usize, state: State) -> Self {
        self.messages[index].state = state.into();
        self.message_changed(at, index)
    }

    /// The message with this number has other words.
    pub(crate) fn edited(mut self, at: i64, index: usize) -> Self {
        self.messages[index].edited_at = Some(timestamp(minute(at)));
        self.message_changed(at, index)
    }

    /// The message with this number is taken back.
    pub(crate) fn deleted(mut self, at: i64, index: usize) -> Self {
        self.messages[index].deleted_at = Some(timestamp(minute(at)));
        self.message_changed(at, index)
    }

    /// Its status becomes another.
    pub(crate) fn becomes(mut self, at: i64, status: Status) -> Self {
        self.conversation.status = status.into();
        if matches!(status, Status::Resolved | Status::Closed) {
            self.conversation.waiting_since = None;
        }
        self.changed(at)
    }

    /// It is assigned to somebody, or to nobody.
    pub(crate) fn assigned(mut self, at: i64, agent: &str) -> Self {
        self.conversation.assignee = Some(agent.to_owned()).filter(|agent| !agent.is_empty());
        self.changed(at)
    }

    fn writes(mut self, at: i64, direction: Direction, kind: author::Kind, author: &str) -> Self {
        self.conversation.last_seq += 1;
        let state = if direction == Direction::Outbound { State::Queued } else { State::Received };
        let message = Message {
            id: id::new::<id::Message>().to_string(),
            conversation_id: self.conversation.id.clone(),
            seq: self.conversation.last_seq,
            direction: direction.into(),
            author: Some(Author { kind: kind.into(), id: author.to_owned(), name: "Somebody".into() }),
            text: "Words".into(),
            state: state.into(),
            created_at: Some(timestamp(minute(at))),
            ..Message::default()
        };
        self.messages.push(message.clone());
        self.tell(at, &MessageCreated { message: Some(message) });
        self.changed(at)
    }

    fn message_changed(mut self, at: i64, index: usize) -> Self {
        let told = MessageUpdated { message: Some(self.messages[index].clone()) };
        self.tell(at, &told);
        self
    }

    fn changed(mut self, at: i64) -> Self {
        self.conversation.updated_at = Some(timestamp(minute(at)));
        let told = ConversationUpdated { conversation: Some(self.conversation.clone()) };
        self.tell(at, &told);
        self
    }

    fn tell<M: ReflectMessage + Default>(&mut self, at: i64, told: &M) {
        let key = self.conversation.id.clone();
        self.events.push(event(self.tenant, &key, minute(at), told));
    }
}

/// An event as the outbox sends it.
pub(crate) fn event<M: ReflectMessage + Default>(
    tenant: TenantId,
    key: &str,
    time: DateTime<Utc>,
    told: &M,
) -> Event {
    let name = event_type::<M>();
    Event {
        id: Uuid::now_v7().to_string(),
        kind: name.cloud_event(),
        source: "/test".into(),
        subject: format!("weft.events.{tenant}.{}.{}", name.entity, name.change),
        key: key.to_owned(),
        tenant: Some(tenant.to_string()),
        time,
        traceparent: None,
        tracestate: None,
        data: json::encode(told).unwrap(),
    }
}

/// A channel with a name of its own, and the event that says so.
pub(crate) struct NamedChannel {
    pub(crate) name: String,
    pub(crate) event: Event,
}

pub(crate) fn named_channel(tenant: TenantId) -> NamedChannel {
    let name = Uuid::now_v7().to_string();
    let event = channel(tenant, &id::new::<id::Channel>().to_string(), &name, 0);
    NamedChannel { name, event }
}

/// A channel is called so from this minute on.
pub(crate) fn channel(tenant: TenantId, id: &str, name: &str, at: i64) -> Event {
    let channel =
        Channel { id: id.to_owned(), kind: "echo".into(), name: name.to_owned(), ..Channel::default() };
    event(tenant, id, minute(at), &ChannelUpdated { channel: Some(channel) })
}

/// A person is called so from this minute on.
pub(crate) fn person(tenant: TenantId, id: &str, name: &str, at: i64) -> Event {
    let user = User { id: id.to_owned(), name: name.to_owned(), ..User::default() };
    event(tenant, id, minute(at), &UserUpdated { user: Some(user) })
}

pub(crate) fn agent() -> String {
    id::new::<id::User>().to_string()
}

pub(crate) fn channel_id() -> String {
    id::new::<id::Channel>().to_string()
}

pub(crate) fn token(signer: &Signer, tenant: TenantId, subject: Subject, role: Role) -> String {
    signer.sign(&Principal { tenant, subject, role, scopes: None, issued_at: Utc::now() }).unwrap()
}

/// The events of several conversations in another order: each conversation keeps its own.
pub(crate) fn shuffled(stories: &[Vec<Event>]) -> Vec<Event> {
    use rand::RngExt;
    let mut rng = rand::rng();
    let mut rest: Vec<_> = stories.iter().map(|events| events.iter().peekable()).collect();
    let mut all = Vec::new();
    while rest.iter_mut().any(|events| events.peek().is_some()) {
        let pick = rng.random_range(0..rest.len());
        all.extend(rest[pick].next().cloned());
    }
    all
}

/// A busy day: conversations of every kind, with these agents on these channels.
pub(crate) fn busy_day(tenant: TenantId, channels: &[String], agents: &[String]) -> Vec<Story> {
    let pick = |from: &[String], n: i64| from[usize::try_from(n).unwrap() % from.len()].clone();
    (0..24)
        .map(|n| {
            let (channel, first, second) = (pick(channels, n), pick(agents, n), pick(agents, n + 1));
            let at = n * 37;
            let story = Story::begin(tenant, &channel, at).asks(at).asks(at + 1);
            match n % 6 {
                0 => story,
                1 => story.assigned(at + 2, &first).answers(at + 3 + n, &first).delivery(
                    at + 60,
                    2,
                    State::Sent,
                ),
                2 => story
                    .bot_answers(at + 2)
                    .notes(at + 3, &first)
                    .answers(at + 10, &second)
                    .delivery(at + 11, 4, State::Failed)
                    .delivery(at + 12, 4, State::Queued)
                    .delivery(at + 13, 4, State::Failed),
                3 => story
                    .answers(at + 5, &first)
                    .becomes(at + 30, Status::Resolved)
                    .asks(at + 90)
                    .answers(at + 100, &second)
                    .becomes(at + 120, Status::Closed),
                4 => story
                    .answers_elsewhere(at + 7)
                    .delivery(at + 8, 2, State::Unclear)
                    .becomes(at + 9, Status::Snoozed)
                    .becomes(at + 40, Status::Open),
                _ => story.edited(at + 2, 0).deleted(at + 3, 1).becomes(at + 4, Status::Pending),
            }
        })
        .collect()
}
