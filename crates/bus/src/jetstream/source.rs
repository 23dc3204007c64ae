//! One durable pull consumer.

mod arrival;
mod handover;

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use async_nats::{
    Client, Request, Subscriber,
    jetstream::{
        Context, ErrorCode, Message,
        consumer::{Info, PullConsumer, pull},
        stream::{ConsumerError, ConsumerErrorKind},
    },
};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::{FutureExt, StreamExt};
use serde::Deserialize;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, warn};
use weft_domain::{Error, Result};

use super::{dead, members::Turn, message, recovery::Recovery};
use crate::{
    ConsumerSpec, Delivery, NewDeadLetter,
    delivery::{Fetched, Place},
    pulse::Pulse,
    queue::closed,
    waiting::Held,
};

/// The one group; the server pins one of its clients and the others stand by.
pub(crate) const GROUP: &str = "weft";
/// How long the pinned one may be silent before another takes its place.
pub(crate) const PIN: Duration = Duration::from_secs(4);
/// How long one pull lasts; one may get lost before the pin does.
const PULL: Duration = Duration::from_millis(1_300);
/// Who leaves in order gives back at once what it has; only what does not come by itself is called back.
const HANDED_OVER: Duration = Duration::from_millis(300);
/// How long it is quiet before one looks whether a dead predecessor left something; and how often whether it is still owed.
const QUIET: Duration = Duration::from_secs(1);
/// How long after their time the last ones of a predecessor are waited for.
const GRACE: Duration = Duration::from_secs(5);
/// Between a predecessor's oldest event and its youngest there may be so many of others; else their time is waited for.
const MOST_CALLED_BACK: u64 = 20_000;

const ADVISORIES: &str = "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.";
const ACK: Duration = Duration::from_secs(2);
/// Whoever comes again after two takeovers may be what ended them.
const SUSPECT: u32 = 2;
/// So many complaints without an event between them, and the subscription is made anew.
const COMPLAINTS: u32 = 3;

pub(crate) struct Source {
    client: Client,
    context: Context,
    spec: ConsumerSpec,
    /// None when the work is not shared.
    turn: Option<Turn>,
    pulse: Arc<Pulse>,
    /// Since when nothing was given up.
    since: Instant,
    closed: CancellationToken,
    consumer: Option<PullConsumer>,
    /// How many consumers of this name there were, and when the broker made the last.
    life: u32,
    made: Option<DateTime<Utc>>,
    messages: Option<pull::Stream>,
    advisories: Option<Subscriber>,
    complaints: u32,
    pin: Option<String>,
    /// Which of the broker's deliveries the last one here was.
    counted: Option<u64>,
    must_look: bool,
    /// Received and not looked at.
    arrived: VecDeque<Message>,
    recovery: Recovery,
    /// When to call back what is owed, and what the broker said was out.
    called_back: Option<(Instant, Info)>,
    looked_at: Instant,
    /// Handed out and not settled.
    out: HashSet<Place>,
    ready: Vec<Fetched>,
    /// Waits until everything older is here.
    aside: Vec<Fetched>,
    /// What the server has stopped delivering.
    abandoned: VecDeque<u64>,
}

impl Source {
    pub(crate) fn new(
        client: Client,
        context: Context,
        spec: ConsumerSpec,
        turn: Option<Turn>,
        pulse: Arc<Pulse>,
        closed: CancellationToken,
    ) -> Self {
        Self {
            client,
            context,
            spec,
            turn,
            pulse,
            since: Instant::now(),
            closed,
            consumer: None,
            life: 0,
            made: None,
            messages: None,
            advisories: None,
            complaints: 0,
            pin: None,
            counted: None,
            must_look: false,
            arrived: VecDeque::new(),
            recovery: Recovery::default(),
            called_back: None,
            looked_at: Instant::now(),
            out: HashSet::new(),
            ready: Vec::new(),
            aside: Vec::new(),
            abandoned: VecDeque::new(),
        }
    }

    /// Waits for its turn among the replicas, then opens the consumer.
    pub(crate) async fn start(&mut self) -> Result<()> {
        if let Some(turn) = &mut self.turn {
            tokio::select! {
                () = turn.come() => {}
                () = self.closed.cancelled() => return Err(closed()),
            }
        }
        let (stream, name) = (self.spec.stream.name(), &self.spec.name);
        let consumer = self.context.get_consumer_from_stream(name.as_str(), stream).await;
        let consumer =
            consumer.map_err(|error| if is_missing(&error) { missing(name) } else { failed(error) })?;
        let advisories = format!("{ADVISORIES}{stream}.{name}");
        self.advisories = Some(self.client.subscribe(advisories).await.map_err(failed)?);
        self.note_life(consumer.cached_info());
        self.consumer = Some(consumer);
        Ok(())
    }

    pub(crate) fn is_ours(&self) -> bool {
        self.turn.as_ref().is_none_or(Turn::is_ours)
    }

    /// Waits for events, or for the turn to pass; may be dropped at any time. How many are out is bounded by the consumer's `max_ack_pending`.
    pub(crate) async fn fetch(&mut self) -> Result<Vec<Fetched>> {
        loop {
            if self.closed.is_cancelled() {
                return Err(closed());
            }
            if self.pulse.stood_still_since(self.since) {
                self.let_go();
            }
            while let Some(&cursor) = self.abandoned.front() {
                self.rescue(cursor).await?;
                self.abandoned.pop_front();
            }
            self.note_next();
            if self.must_look {
                self.look().await?;
            }
            if !self.is_ours() {
                return Ok(Vec::new());
            }
            if self.sort_in_next() {
                continue;
            }
            if self.recovery.until().is_none() {
                self.ready.append(&mut self.aside);
                self.called_back = None;
            }
            if let Some((due, info)) = self.called_back.take_if(|(due, _)| *due <= Instant::now()) {
                self.call_back(&info).await;
                debug!(consumer = %self.spec.name, waited = ?due.elapsed(), "a predecessor's events are called back");
            }
            if !self.ready.is_empty() {
                // What comes back comes in any order.
                let mut ready = std::mem::take(&mut self.ready);
                ready.sort_unstable_by_key(|fetched| fetched.delivery.place());
                return Ok(ready);
            }
            self.receive().await?;
        }
    }

    async fn receive(&mut self) -> Result<()> {
        if self.messages.is_none() {
            let consumer = self.consumer.as_ref().ok_or_else(closed)?;
            let stream = consumer.stream().max_messages_per_batch(self.spec.batch).group(GROUP);
            self.messages = Some(stream.expires(PULL).heartbeat(PULL / 3).messages().await.map_err(failed)?);
        }
        let (Some(messages), Some(advisories)) = (self.messages.as_mut(), self.advisories.as_mut()) else {
            return Err(closed());
        };
        let called_back = self.called_back.as_ref().map(|(due, _)| *due);
        let last = self.recovery.until();
        let until = called_back.or_else(|| last.map(|last| last.min(self.looked_at + QUIET)));
        let passes = async {
            match &mut self.turn {
                Some(turn) => turn.pass().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.closed.cancelled() => {}
            () = passes => {}
            () = sleep(QUIET) => self.must_look = self.out.is_empty(),
            () = async { if let Some(until) = until { sleep_until(until).await } }, if until.is_some() => {
                if called_back.is_none() && last.is_some_and(|last| last <= Instant::now()) {
                    warn!(consumer = %self.spec.name, "events of a predecessor did not come back in time");
                    self.recovery.give_up();
                } else {
                    // A settled one never comes, and the word that settled it may have been on its way.
                    self.must_look = called_back.is_none();
                }
            }
            Some(advisory) = advisories.next() => {
                // A consumer may be told to deliver anywhere; its messages keep the subject they were written to.
                if advisory.subject.starts_with(ADVISORIES)
                    && let Ok(advisory) = serde_json::from_slice::<Advisory>(&advisory.payload)
                {
                    self.abandoned.push_back(advisory.stream_seq);
                }
            }
            message = messages.next() => match message {
                Some(Ok(message)) => {
                    self.complaints = 0;
                    self.arrived.push_back(message);
                    while let Some(Some(Ok(message))) = messages.next().now_or_never() {
                        self.arrived.push_back(message);
                    }
                }
                Some(Err(error)) => {
                    self.complaints += 1;
                    warn!(consumer = %self.spec.name, %error, "pull");
                    if self.complaints >= COMPLAINTS {
                        self.complaints = 0;
                        self.messages = None;
                        return Err(failed(error));
                    }
                }
                None => {
                    self.messages = None;
                    return Err(Error::unavailable("bus_subscription_ended"));
                }
            },
        }
        Ok(())
    }

    /// Tells the broker that what is out is being worked on, oldest first.
    pub(crate) async fn keep(&self, held: impl Iterator<Item = &Held>) {
        let held = held.map(|held| (&held.delivery, &held.ack_to));
        self.tell(self.known(held.chain(self.here())), "+WPI").await;
    }

    /// Settles events and waits for the broker's word; what it does not confirm may come again. It takes what one
    /// connection says in order, so that its word about the last is one about all.
    pub(crate) async fn done(&mut self, done: Vec<Held>) {
        for held in &done {
            self.out.remove(&held.place());
        }
        let known: Vec<&Held> = done.iter().filter(|held| held.delivery.life == self.life).collect();
        let Some((last, others)) = known.split_last() else { return };
        let word = |held: &Held| Bytes::from_static(if held.buried { b"+TERM" } else { b"+ACK" });
        let told = async {
            for held in others {
                self.client.publish(held.ack_to.clone(), word(held)).await.map_err(failed)?;
            }
            let request = Request::new().payload(word(last)).timeout(Some(ACK));
            self.client.send_request(last.ack_to.clone(), request).await.map_err(failed)
        };
        if let Err(error) = told.await {
            warn!(consumer = %self.spec.name, events = known.len(), %error, "acks not confirmed; these events may come again");
        }
    }

    /// Gives everything back, and the turn to whoever stands by.
    pub(crate) async fn release(&mut self, held: Vec<Held>) {
        self.messages = None;
        let pin = self.pin.take();
        let held = held.iter().map(|held| (&held.delivery, &held.ack_to));
        let arrived = self.arrived.iter().filter_map(|message| Some(message.reply.as_ref()?.as_str()));
        self.tell(self.known(held.chain(self.here())).chain(arrived), "-NAK").await;
        let gone = async {
            self.client.flush().await.map_err(failed)?;
            let stream = self.context.get_stream_no_info(self.spec.stream.name()).await.map_err(failed)?;
            let info = stream.consumer_info(&self.spec.name).await.map_err(failed)?;
            if pin.is_none() || pin.as_ref() != handover::pinned(&info) {
                return Ok(());
            }
            stream.unpin_consumer(&self.spec.name, GROUP).await.map_err(failed)
        };
        // Without it the turn passes on when the pin runs out.
        if !matches!(timeout(ACK, gone).await, Ok(Ok(()))) {
            tracing::debug!(consumer = %self.spec.name, "not unpinned");
        }
        self.arrived.clear();
        self.ready.clear();
        self.aside.clear();
        self.out.clear();
        self.recovery = Recovery::default();
        self.called_back = None;
    }

    /// What is here and was not handed out.
    fn here(&self) -> impl Iterator<Item = (&Delivery, &String)> {
        self.ready.iter().chain(&self.aside).map(|fetched| (&fetched.delivery, &fetched.ack_to))
    }

    /// Where the broker wants to hear of those that it still knows.
    fn known<'a>(
        &self,
        all: impl Iterator<Item = (&'a Delivery, &'a String)>,
    ) -> impl Iterator<Item = &'a str> {
        let life = self.life;
        all.filter(move |(delivery, _)| delivery.life == life).map(|(_, ack_to)| ack_to.as_str())
    }

    async fn tell(&self, ack_tos: impl Iterator<Item = &str>, word: &'static str) {
        for ack_to in ack_tos {
            let told = self.client.publish(ack_to.to_owned(), Bytes::from_static(word.as_bytes())).await;
            if let Err(error) = told {
                warn!(consumer = %self.spec.name, %error, "the broker was not told");
                return;
            }
        }
    }

    pub(crate) async fn bury(&self, cursor: u64, letter: NewDeadLetter) -> Result<()> {
        let dedup = format!("{}:{}:{cursor}", self.spec.name, self.spec.stream.name());
        dead::bury(&self.context, &dedup, &letter).await
    }

    /// The server gave up on an event that we never saw the last of: its letter is written here.
    async fn rescue(&self, cursor: u64) -> Result<()> {
        error!(consumer = %self.spec.name, cursor, "the broker stopped delivering an event");
        let stream = self.context.get_stream_no_info(self.spec.stream.name()).await.map_err(failed)?;
        let Ok(found) = stream.direct_get(cursor).await else { return Ok(()) };
        let read = message::event(&found.subject, Some(&found.headers), found.payload);
        let letter = NewDeadLetter {
            source: self.spec.name.clone(),
            reason: "max_deliveries".into(),
            words: "the broker delivered it too often without an answer".into(),
            attempts: self.spec.max_attempts,
            stream: Some(self.spec.stream),
            event: read.unwrap_or_else(|(event, _)| *event),
        };
        self.bury(cursor, letter).await
    }
}

#[derive(Deserialize)]
struct Advisory {
    stream_seq: u64,
}

/// The server knows no such consumer; whatever else went wrong passes.
fn is_missing(error: &ConsumerError) -> bool {
    let ConsumerErrorKind::JetStream(error) = error.kind() else { return false };
    matches!(error.error_code(), ErrorCode::CONSUMER_NOT_FOUND | ErrorCode::STREAM_NOT_FOUND)
}

fn missing(name: &str) -> Error {
    let words = format!("the bus has no consumer `{name}`; run `weft migrate`");
    Error::precondition("consumer_missing", words)
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::unavailable("bus_broker").with_source(error)
}
