//! The side of a tenant that faces the provider: what its adapter brings and reports.

use bytes::Bytes;
use chrono::{TimeDelta, Utc};
use prost_types::Timestamp;
use uuid::Uuid;
use weft_bus::{Event, Stream, subject};
use weft_domain::{Clock, TenantId, id, partition};
use weft_proto::{
    channel::v1::{
        AttemptEnded, AttemptStarted, DeliveryReport, FetchMedia, Inbound, MessageReceived, Outbound, Person,
        Thread, Typing, attempt_ended, delivery_report, inbound, order, thread,
    },
    convert::timestamp,
    events::v1::TypingSeen,
    json,
};

use crate::rig::Rig;

/// The kind of channel that tests use.
pub(crate) const KIND: &str = "test";

/// A tenant with one connected account and one agent.
pub(crate) struct Tenant<'a> {
    pub(crate) rig: &'a Rig,
    pub(crate) id: TenantId,
    pub(crate) channel: id::ChannelId,
    pub(crate) user: id::UserId,
    pub(crate) token: String,
    pub(crate) orders_seen: std::sync::atomic::AtomicUsize,
}

/// A person outside, called as the provider calls them.
pub(crate) fn person(id: &str) -> Person {
    Person { id: id.into(), name: format!("name of {id}"), ..Person::default() }
}

/// A direct chat with the person of the same id.
pub(crate) fn direct(id: &str) -> Thread {
    Thread { id: id.into(), contact: Some(person(id)), ..Thread::default() }
}

/// A group chat.
pub(crate) fn group(id: &str, title: &str) -> Thread {
    Thread { id: id.into(), kind: thread::Kind::Group.into(), title: title.into(), contact: None }
}

/// A message of words.
pub(crate) fn words(id: &str, text: &str) -> MessageReceived {
    MessageReceived { id: id.into(), text: text.into(), ..MessageReceived::default() }
}

impl Tenant<'_> {
    /// An event in a direct chat, as an adapter would write it; its key is of its own.
    pub(crate) fn event(&self, thread: &str, event: inbound::Event) -> Inbound {
        Inbound {
            tenant_id: self.id.to_string(),
            channel_id: self.channel.to_string(),
            channel_kind: KIND.into(),
            key: Uuid::now_v7().to_string(),
            occurred_at: Some(now()),
            thread: Some(direct(thread)),
            sender: None,
            event: Some(event),
        }
    }

    /// A message in a direct chat, with the provider's id as its key.
    pub(crate) fn message(&self, thread: &str, id: &str, text: &str) -> Inbound {
        Inbound { key: id.into(), ..self.event(thread, inbound::Event::Message(words(id, text))) }
    }

    pub(crate) fn envelope(&self, event: &Inbound) -> Event {
        let thread = event.thread.as_ref().map(|thread| thread.id.clone()).unwrap_or_default();
        self.raw(&thread, json::encode(event).unwrap())
    }

    /// An event on the bus with any body; the bus has not seen its id before.
    pub(crate) fn raw(&self, thread: &str, data: Bytes) -> Event {
        let key = format!("{}:{thread}", self.channel);
        Event {
            id: Uuid::now_v7().to_string(),
            kind: "weft.v1.inbound".into(),
            source: format!("/channel-{KIND}"),
            subject: subject::inbound(partition::of(&key), KIND).unwrap(),
            key,
            tenant: Some(self.id.to_string()),
            time: Utc::now(),
            traceparent: None,
            tracestate: None,
            data,
        }
    }

    pub(crate) async fn publish(&self, event: Inbound) {
        self.rig.bus.publish(Stream::In, self.envelope(&event)).await.unwrap();
    }

    pub(crate) async fn tell(&self, thread: &str, event: inbound::Event) {
        self.publish(self.event(thread, event)).await;
    }

    /// A message comes in and is stored.
    pub(crate) async fn receive(&self, thread: &str, id: &str, text: &str) -> crate::agent::Message {
        self.publish(self.message(thread, id, text)).await;
        self.until_message(|message| message.provider_message_id.as_deref() == Some(id)).await
    }

    /// Waits until all that was published for a thread with a conversation has been handled: typing has its turn, too,
    /// and leaves no trace.
    pub(crate) async fn settle(&self, thread: &str) {
        let pattern = format!("weft.live.{}.typing", self.id);
        let mut live = self.rig.bus.subscribe_live(&pattern).await.unwrap();
        let marker = Uuid::now_v7().to_string();
        let sender = Person { name: marker.clone(), ..Person::default() };
        let typing = self.event(thread, inbound::Event::Typing(Typing { on: true }));
        self.publish(Inbound { sender: Some(sender), ..typing }).await;
        let told = async {
            loop {
                let (_, body) = live.next().await.unwrap();
                let seen: TypingSeen = json::decode(&body).unwrap();
                if seen.author.unwrap().name == marker {
                    return;
                }
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(20), told).await.expect("typing is told");
    }

    /// The next order to deliver a message of this tenant.
    pub(crate) async fn order(&self) -> Outbound {
        let next = self.orders_seen.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let mine = |orders: &[_]| self.deliveries(orders).get(next).cloned();
        self.rig.orders.wait("an order to deliver", mine).await
    }

    /// The order to fetch a file of a message.
    pub(crate) async fn fetch_order(&self, message: &str, index: u32) -> FetchMedia {
        let wanted = |orders: &[weft_proto::channel::v1::Order]| {
            orders.iter().find_map(|order| match &order.order {
                Some(order::Order::FetchMedia(fetch))
                    if fetch.message_id == message && fetch.index == index =>
                {
                    Some(fetch.clone())
                }
                _ => None,
            })
        };
        self.rig.orders.wait("an order to fetch a file", wanted).await
    }

    /// Asserts that nothing was ordered beyond what was taken with [`Tenant::order`], after all has come through.
    pub(crate) async fn no_more_orders(&self) {
        let other = self.rig.tenant();
        let conversation = other.receive("marker", "m", "marker").await.conversation_id;
        other.send(&conversation, "marker").await.unwrap();
        other.order().await;
        let seen = self.orders_seen.load(std::sync::atomic::Ordering::SeqCst);
        let rest = self.rig.orders.now(|orders| self.deliveries(orders).split_off(seen));
        assert_eq!(rest, [], "nothing more was to be sent");
    }

    fn deliveries(&self, orders: &[weft_proto::channel::v1::Order]) -> Vec<Outbound> {
        let mine = orders.iter().filter(|order| order.tenant_id == self.id.to_string());
        mine.filter_map(|order| match &order.order {
            Some(order::Order::Deliver(deliver)) => Some(deliver.clone()),
            _ => None,
        })
        .collect()
    }

    /// The adapter is about to call the provider.
    pub(crate) async fn started(&self, order: &Outbound, repeatable: bool) {
        let lease_until = Some(timestamp(self.rig.clock.now() + TimeDelta::seconds(60)));
        let (message_id, attempt) = (order.message_id.clone(), order.attempt);
        let started = AttemptStarted { message_id, attempt, lease_until, repeatable };
        self.tell(&order.thread_id, inbound::Event::AttemptStarted(started)).await;
    }

    /// An attempt ended so.
    pub(crate) async fn ended(&self, order: &Outbound, result: attempt_ended::Result) {
        self.ended_with(order, AttemptEnded { result: result.into(), ..AttemptEnded::default() }).await;
    }

    pub(crate) async fn ended_with(&self, order: &Outbound, ended: AttemptEnded) {
        let (message_id, attempt) = (order.message_id.clone(), order.attempt);
        let ended = AttemptEnded { message_id, attempt, ..ended };
        self.tell(&order.thread_id, inbound::Event::AttemptEnded(ended)).await;
    }

    /// The provider took it, and calls it so.
    pub(crate) async fn accepted(&self, order: &Outbound, ids: &[&str]) {
        let ended = AttemptEnded {
            result: attempt_ended::Result::Accepted.into(),
            provider_message_ids: ids.iter().map(|&id| id.to_owned()).collect(),
            ..AttemptEnded::default()
        };
        self.ended_with(order, ended).await;
    }

    /// It surely did not go; again after `wait`.
    pub(crate) async fn deferred(&self, order: &Outbound, wait: TimeDelta) {
        let ended = AttemptEnded {
            result: attempt_ended::Result::Deferred.into(),
            retry_at: Some(timestamp(self.rig.clock.now() + wait)),
            reason: "slow down".into(),
            ..AttemptEnded::default()
        };
        self.ended_with(order, ended).await;
    }

    /// The provider reports about a message.
    pub(crate) async fn report(&self, thread: &str, id: &str, state: delivery_report::State) {
        let report = DeliveryReport { id: id.into(), state: state.into(), ..DeliveryReport::default() };
        self.tell(thread, inbound::Event::Report(report)).await;
    }
}

pub(crate) fn now() -> Timestamp {
    timestamp(Utc::now())
}
