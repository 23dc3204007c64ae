use std::sync::Arc;

use async_nats::{
    Client,
    connection::State,
    jetstream::{Context, ContextBuilder, context::ConsumerInfoErrorKind},
};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use weft_domain::{Error, Result};

use super::{
    connect::connect,
    dead,
    live::Live,
    members::{Members, Turn},
    migrate, outside,
    publisher::Publisher,
    reader::Reader,
    source::Source,
};
use crate::{
    ConsumerSpec, DeadLetter, NewDeadLetter, OutsideReader, Published, Settings, Stream, event::Outgoing,
    pulse::Pulse, queue::Queue,
};

/// The bus on a NATS server or cluster.
#[derive(Debug)]
pub(crate) struct Engine {
    client: Client,
    context: Context,
    settings: Settings,
    queues: [(Stream, Queue); 5],
    pulse: Arc<Pulse>,
    tasks: TaskTracker,
    closed: CancellationToken,
}

impl Engine {
    pub(crate) async fn connect(settings: &Settings) -> Result<Self> {
        let client = connect(settings).await?;
        let timeout = settings.publish_timeout();
        let context = ContextBuilder::new().ack_timeout(timeout).build(client.clone());
        let (tasks, closed) = (TaskTracker::new(), CancellationToken::new());
        let queues = Stream::ALL.map(|stream| {
            let (queue, jobs) = Queue::new(stream.name(), settings);
            let (client, context, closed) = (client.clone(), context.clone(), closed.clone());
            tasks.spawn(Publisher { client, context, jobs, timeout, closed }.run());
            (stream, queue)
        });
        let pulse = Pulse::new();
        tasks.spawn(Arc::clone(&pulse).run(closed.clone()));
        tasks.close();
        Ok(Self { client, context, settings: settings.clone(), queues, pulse, tasks, closed })
    }

    pub(crate) async fn migrate(&self, specs: &[ConsumerSpec]) -> Result<()> {
        migrate::migrate(&self.context, &self.settings, specs).await
    }

    pub(crate) async fn migrate_outside_readers(&self, readers: &[OutsideReader]) -> Result<()> {
        outside::migrate(&self.context, readers).await
    }

    pub(crate) async fn check_streams(&self) -> Result<()> {
        migrate::check(&self.context, &self.settings).await
    }

    pub(crate) async fn publish(&self, stream: Stream, events: Vec<Outgoing>) -> Result<Vec<Published>> {
        let queue = self.queues.iter().find(|(name, _)| *name == stream).map(|(_, queue)| queue);
        queue.ok_or_else(crate::queue::closed)?.write(stream, events).await
    }

    /// The sources of a consumer's parts; none when one of them was never made.
    pub(crate) async fn sources(&self, spec: &ConsumerSpec) -> Result<Option<Vec<Source>>> {
        let parts = spec.split();
        let stream = self.context.get_stream_no_info(spec.stream.name()).await.map_err(failed)?;
        for part in &parts {
            match stream.consumer_info(&part.name).await {
                Ok(_) => {}
                Err(error) if error.kind() == ConsumerInfoErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(failed(error)),
            }
        }
        let turns = if parts.len() > 1 { self.turns(spec).await? } else { vec![None] };
        let source = |(part, turn)| {
            Source::new(
                self.client.clone(),
                self.context.clone(),
                part,
                turn,
                Arc::clone(&self.pulse),
                self.closed.clone(),
            )
        };
        Ok(Some(parts.into_iter().zip(turns).map(source).collect()))
    }

    async fn turns(&self, spec: &ConsumerSpec) -> Result<Vec<Option<Turn>>> {
        let (members, roll) = Members::join(self.client.clone(), &spec.name).await?;
        self.tasks.spawn(members.run(self.closed.clone()));
        Ok((0..spec.shards).map(|shard| Some(roll.turn(shard))).collect())
    }

    pub(crate) async fn read_from(
        &self,
        stream: Stream,
        after: Option<u64>,
        filters: Vec<String>,
    ) -> Result<Reader> {
        Reader::open(self.context.clone(), self.closed.clone(), stream, after, filters).await
    }

    pub(crate) async fn first_cursor(&self, stream: Stream) -> Result<u64> {
        let stream = self.context.get_stream(stream.name()).await.map_err(failed)?;
        // A stream that never held anything begins at 0.
        Ok(stream.cached_info().state.first_sequence.max(1))
    }

    pub(crate) async fn last_cursor(&self, stream: Stream) -> Result<u64> {
        let stream = self.context.get_stream(stream.name()).await.map_err(failed)?;
        Ok(stream.cached_info().state.last_sequence)
    }

    pub(crate) async fn made_at(&self, stream: Stream) -> Result<DateTime<Utc>> {
        let stream = self.context.get_stream(stream.name()).await.map_err(failed)?;
        Ok(stream.cached_info().created)
    }

    pub(crate) async fn publish_live(&self, subject: &str, data: Bytes) -> Result<()> {
        self.client.publish(subject.to_owned(), data).await.map_err(failed)
    }

    pub(crate) async fn subscribe_live(&self, pattern: &str) -> Result<Live> {
        let subscriber = self.client.subscribe(pattern.to_owned()).await.map_err(failed)?;
        // Else what is published next on another connection may pass by.
        self.client.flush().await.map_err(failed)?;
        Ok(Live { subscriber, closed: self.closed.clone() })
    }

    pub(crate) async fn dead_letters(&self, after: u64, limit: usize) -> Result<Vec<DeadLetter>> {
        dead::list(&self.context, after, limit).await
    }

    pub(crate) async fn bury(&self, dedup: &str, letter: &NewDeadLetter) -> Result<()> {
        dead::bury(&self.context, dedup, letter).await
    }

    pub(crate) async fn remove_dead_letters(&self, ids: &[u64]) -> Result<()> {
        dead::remove(&self.context, ids).await
    }

    pub(crate) fn healthy(&self) -> bool {
        !self.closed.is_cancelled() && self.client.connection_state() == State::Connected
    }

    pub(crate) async fn close(&self) {
        self.closed.cancel();
        self.tasks.wait().await;
        if let Err(error) = self.client.flush().await {
            tracing::debug!(%error, "closing the bus");
        }
        if let Err(error) = self.client.drain().await {
            tracing::debug!(%error, "closing the bus");
        }
    }
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::unavailable("bus_broker").with_source(error)
}
