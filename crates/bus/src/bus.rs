use std::{sync::Arc, time::Instant};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use tokio::time::timeout;
use weft_domain::{Error, ErrorCode, Result};

use crate::{
    Consumer, ConsumerSpec, DeadLetter, Event, LiveSubscription, NewDeadLetter, OutsideReader, Published,
    Reader, Settings, Stream,
    delivery::Fetched,
    embedded,
    event::Outgoing,
    jetstream, live, metering,
    queue::{MAX_BATCH, MAX_BATCH_BYTES},
    reader, spec, subject,
    waiting::Held,
};

/// The event bus: one face, on JetStream or inside the process. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Bus(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    engine: Engine,
    settings: Settings,
}

#[derive(Debug)]
enum Engine {
    Embedded(Box<embedded::Engine>),
    JetStream(Box<jetstream::Engine>),
}

impl Bus {
    /// Opens the bus that the settings name. A NATS server must be 2.12 or newer with JetStream; an embedded folder must
    /// not be open elsewhere.
    pub async fn connect(settings: &Settings) -> Result<Self> {
        let engine = match settings.embedded_folder() {
            Some(folder) => Engine::Embedded(Box::new(embedded::Engine::open(&folder, settings).await?)),
            None => Engine::JetStream(Box::new(jetstream::Engine::connect(settings).await?)),
        };
        Ok(Self(Arc::new(Inner { engine, settings: settings.clone() })))
    }

    /// Creates or updates the streams and these consumers; others stay as they are.
    pub async fn migrate(&self, consumers: &[ConsumerSpec]) -> Result<()> {
        spec::check_all(consumers)?;
        match &self.0.engine {
            Engine::Embedded(engine) => engine.migrate(consumers).await,
            Engine::JetStream(engine) => engine.migrate(consumers).await,
        }
    }

    /// Makes the consumers of all readers outside the fleet; those of others of this kind go. The embedded bus has none.
    pub async fn migrate_outside_readers(&self, readers: &[OutsideReader]) -> Result<()> {
        readers.iter().try_for_each(OutsideReader::check)?;
        match &self.0.engine {
            Engine::Embedded(_) if readers.is_empty() => Ok(()),
            Engine::Embedded(_) => {
                tracing::warn!(
                    "readers outside the fleet need a NATS server: nobody else can read the embedded bus"
                );
                Ok(())
            }
            Engine::JetStream(engine) => engine.migrate_outside_readers(readers).await,
        }
    }

    /// Checks that the streams are there and as safe as they have to be.
    pub async fn check_streams(&self) -> Result<()> {
        match &self.0.engine {
            Engine::Embedded(_) => Ok(()),
            Engine::JetStream(engine) => engine.check_streams().await,
        }
    }

    /// Publishes one event; answers when it is on disk. After a `timeout` it may be there or not: the same id again
    /// finds out. A full queue or stream is `unavailable` at once.
    pub async fn publish(&self, stream: Stream, event: Event) -> Result<Published> {
        event.check(stream)?;
        let mut published = self.write(stream, vec![event.into()]).await?;
        published.pop().ok_or_else(|| Error::internal("the bus gave no answer"))
    }

    /// Publishes an event once more although the stream may remember its id. The same `occasion` twice within the window is
    /// one event. Who carries out an order sees that it is a repeated one.
    pub async fn publish_again(&self, stream: Stream, event: Event, occasion: String) -> Result<Published> {
        event.check(stream)?;
        let again = Outgoing { event: event.replayed_on(stream), dedup: Some(occasion) };
        let mut published = self.write(stream, vec![again]).await?;
        published.pop().ok_or_else(|| Error::internal("the bus gave no answer"))
    }

    /// Publishes events in this order, in atomic batches of at most 500. After an error a part may be there; the same
    /// ids again bring the rest.
    pub async fn publish_all(&self, stream: Stream, events: Vec<Event>) -> Result<Vec<Published>> {
        for event in &events {
            event.check(stream)?;
        }
        let most = MAX_BATCH.min(self.0.settings.queue_events.max(1));
        let mut published = Vec::with_capacity(events.len());
        let mut events = events.into_iter().map(Outgoing::from).peekable();
        while events.peek().is_some() {
            let chunk = take_chunk(&mut events, most);
            published.extend(self.write(stream, chunk).await?);
        }
        Ok(published)
    }

    /// Publishes events that have been published before, although the stream may still know their ids: after what has been
    /// lost is here again, everything is in its order. `run` tells one such repetition from another.
    pub async fn publish_all_again(&self, stream: Stream, events: Vec<Event>, run: &str) -> Result<()> {
        for event in &events {
            event.check(stream)?;
        }
        let most = MAX_BATCH.min(self.0.settings.queue_events.max(1));
        let mut events = events
            .into_iter()
            .map(|event| Outgoing { dedup: Some(format!("{run}:{}", event.id)), event })
            .peekable();
        while events.peek().is_some() {
            self.write(stream, take_chunk(&mut events, most)).await?;
        }
        Ok(())
    }

    /// Since when a stream has been there; none on the embedded bus, which does not know.
    pub async fn made_at(&self, stream: Stream) -> Result<Option<DateTime<Utc>>> {
        match &self.0.engine {
            Engine::Embedded(_) => Ok(None),
            Engine::JetStream(engine) => engine.made_at(stream).await.map(Some),
        }
    }

    async fn write(&self, stream: Stream, events: Vec<Outgoing>) -> Result<Vec<Published>> {
        fail::fail_point!("bus.publish.before");
        let start = Instant::now();
        let write = async {
            match &self.0.engine {
                Engine::Embedded(engine) => engine.publish(stream, events).await,
                Engine::JetStream(engine) => engine.publish(stream, events).await,
            }
        };
        let published =
            timeout(self.0.settings.publish_timeout(), write).await.map_err(|_| timed_out())??;
        metering::publish_took(stream, start.elapsed());
        metering::published(stream, &published);
        fail::fail_point!("bus.publish.after");
        Ok(published)
    }

    /// Opens a consumer that `migrate` has made: its parts, each to be run in a task of its own.
    pub async fn consume(&self, spec: &ConsumerSpec) -> Result<Vec<Consumer>> {
        spec.check()?;
        let sources = match &self.0.engine {
            Engine::Embedded(engine) => {
                engine.source(spec).await?.map(|source| vec![Source::Embedded(Box::new(source))])
            }
            Engine::JetStream(engine) => engine
                .sources(spec)
                .await?
                .map(|parts| parts.into_iter().map(|source| Source::JetStream(Box::new(source))).collect()),
        };
        let Some(sources) = sources else {
            let words = format!("the bus knows no consumer `{}`; run `weft migrate`", spec.name);
            return Err(Error::precondition("consumer_missing", words));
        };
        Ok(sources.into_iter().map(|source| Consumer::new(source, spec.clone())).collect())
    }

    /// Reads `EVENTS` after a cursor, then what comes; without a cursor only what comes. `filters` are subjects with
    /// wildcards. Fails with `cursor_expired` when what follows the cursor is no longer kept, and with `not_replayable`
    /// for a queue, where what is handled is gone.
    pub async fn read_from(
        &self,
        stream: Stream,
        after: Option<u64>,
        filters: Vec<String>,
    ) -> Result<Reader> {
        if stream.is_queue() {
            let words = format!("the stream `{}` is a queue: what is handled is gone", stream.name());
            return Err(Error::precondition("not_replayable", words));
        }
        if filters.is_empty() {
            return Err(Error::invalid_field("filters", "name at least one subject"));
        }
        filters.iter().try_for_each(|filter| subject::check_pattern(filter))?;
        Ok(Reader(match &self.0.engine {
            Engine::Embedded(engine) => reader::Inner::Embedded(engine.read_from(stream, after, filters)?),
            Engine::JetStream(engine) => {
                reader::Inner::JetStream(Box::new(engine.read_from(stream, after, filters).await?))
            }
        }))
    }

    /// The cursor of the oldest event of a stream that can still be read; the next one's when none is kept.
    pub async fn first_cursor(&self, stream: Stream) -> Result<u64> {
        match &self.0.engine {
            Engine::Embedded(engine) => Ok(engine.first_cursor(stream)),
            Engine::JetStream(engine) => engine.first_cursor(stream).await,
        }
    }

    /// The cursor of the last event of a stream; 0 when there was none yet.
    pub async fn last_cursor(&self, stream: Stream) -> Result<u64> {
        match &self.0.engine {
            Engine::Embedded(engine) => Ok(engine.last_cursor(stream)),
            Engine::JetStream(engine) => engine.last_cursor(stream).await,
        }
    }

    /// Tells whoever listens now, under `weft.live.`; may be lost.
    pub async fn publish_live(&self, subject: &str, data: Bytes) -> Result<()> {
        if !subject.starts_with("weft.live.") || !subject::is_concrete(subject) {
            return Err(Error::invalid_field("subject", "a live subject begins with `weft.live.`"));
        }
        match &self.0.engine {
            Engine::Embedded(engine) => engine.publish_live(subject, data),
            Engine::JetStream(engine) => engine.publish_live(subject, data).await?,
        }
        Ok(())
    }

    /// Listens to live subjects that fit `pattern`.
    pub async fn subscribe_live(&self, pattern: &str) -> Result<LiveSubscription> {
        subject::check_pattern(pattern)?;
        Ok(LiveSubscription(match &self.0.engine {
            Engine::Embedded(engine) => {
                let (receiver, closed) = engine.subscribe_live();
                live::Inner::Embedded { receiver, pattern: pattern.to_owned(), closed }
            }
            Engine::JetStream(engine) => live::Inner::JetStream(engine.subscribe_live(pattern).await?),
        }))
    }

    /// Lists dead letters after the id `after`, oldest first, until they are removed.
    pub async fn dead_letters(&self, after: u64, limit: usize) -> Result<Vec<DeadLetter>> {
        match &self.0.engine {
            Engine::Embedded(engine) => engine.dead_letters(after, limit).await,
            Engine::JetStream(engine) => engine.dead_letters(after, limit).await,
        }
    }

    /// Writes a dead letter for something that never became an event, like a webhook nobody can read. The same source
    /// and event id within the window are one letter.
    pub async fn put_dead_letter(&self, letter: NewDeadLetter) -> Result<()> {
        letter.event.check_attributes()?;
        metering::died(&letter.source, &letter.reason);
        let dedup = format!("{}:{}", letter.source, letter.event.id);
        match &self.0.engine {
            Engine::Embedded(engine) => engine.bury(dedup, letter).await,
            Engine::JetStream(engine) => engine.bury(&dedup, &letter).await,
        }
    }

    /// Removes dead letters for good; those that are gone already do no harm.
    pub async fn remove_dead_letters(&self, ids: &[u64]) -> Result<()> {
        match &self.0.engine {
            Engine::Embedded(engine) => engine.remove_dead_letters(ids).await,
            Engine::JetStream(engine) => engine.remove_dead_letters(ids).await,
        }
    }

    /// Whether the bus can be written to, as far as is known without trying.
    #[expect(clippy::unused_async, reason = "asking a cluster may need a round trip one day")]
    pub async fn healthy(&self) -> bool {
        match &self.0.engine {
            Engine::Embedded(engine) => engine.healthy(),
            Engine::JetStream(engine) => engine.healthy(),
        }
    }

    /// Writes what was let in, then lets go of everything. Stop the consumers first.
    pub async fn close(&self) {
        match &self.0.engine {
            Engine::Embedded(engine) => engine.close().await,
            Engine::JetStream(engine) => engine.close().await,
        }
    }
}

fn timed_out() -> Error {
    Error::new(ErrorCode::Timeout, "bus_timeout", "the event bus did not answer in time; try again")
}

fn take_chunk(
    events: &mut std::iter::Peekable<impl Iterator<Item = Outgoing>>,
    most: usize,
) -> Vec<Outgoing> {
    let mut bytes = 0;
    let mut chunk: Vec<Outgoing> = Vec::new();
    while chunk.len() < most
        && let Some(next) =
            events.next_if(|next| chunk.is_empty() || bytes + next.event.weight() <= MAX_BATCH_BYTES)
    {
        bytes += next.event.weight();
        chunk.push(next);
    }
    chunk
}

/// One consumer's side of an engine.
pub(crate) enum Source {
    Embedded(Box<embedded::Source>),
    JetStream(Box<jetstream::Source>),
}

impl Source {
    /// Waits for its turn among the runners of this name.
    pub(crate) async fn start(&mut self) -> Result<()> {
        match self {
            Self::Embedded(source) => source.start().await,
            Self::JetStream(source) => source.start().await,
        }
    }

    /// Whether it is still this process's turn; what is out is finished all the same.
    pub(crate) fn is_ours(&self) -> bool {
        match self {
            Self::Embedded(_) => true,
            Self::JetStream(source) => source.is_ours(),
        }
    }

    /// Waits for events, at most `room` of them, or for the turn to pass; may be dropped at any time.
    pub(crate) async fn fetch(&mut self, room: usize) -> Result<Vec<Fetched>> {
        match self {
            Self::Embedded(source) => source.fetch(room).await,
            Self::JetStream(source) => source.fetch().await,
        }
    }

    /// Says what will be handled next.
    pub(crate) async fn announce(&mut self, wave: &[Held]) -> Result<()> {
        match self {
            Self::Embedded(source) => source.announce(wave).await,
            Self::JetStream(_) => Ok(()),
        }
    }

    /// Says what will be tried again.
    pub(crate) async fn attempted(&mut self, again: &[Held]) -> Result<()> {
        match self {
            Self::Embedded(source) => source.attempted(again).await,
            Self::JetStream(_) => Ok(()),
        }
    }

    /// Keeps what is out from being given to somebody else.
    pub(crate) async fn keep(&mut self, held: impl Iterator<Item = &Held>) {
        match self {
            Self::Embedded(_) => {}
            Self::JetStream(source) => source.keep(held).await,
        }
    }

    pub(crate) async fn bury(&mut self, cursor: u64, letter: NewDeadLetter) -> Result<()> {
        match self {
            Self::Embedded(source) => source.bury(cursor, letter).await,
            Self::JetStream(source) => source.bury(cursor, letter).await,
        }
    }

    pub(crate) async fn done(&mut self, done: Vec<Held>) -> Result<()> {
        match self {
            Self::Embedded(source) => source.done(done).await,
            Self::JetStream(source) => {
                source.done(done).await;
                Ok(())
            }
        }
    }

    /// Gives back what was not handled.
    pub(crate) async fn release(&mut self, held: Vec<Held>) {
        match self {
            Self::Embedded(_) => {}
            Self::JetStream(source) => source.release(held).await,
        }
    }
}
