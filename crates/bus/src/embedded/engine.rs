use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, PoisonError, atomic::Ordering},
};

use bytes::Bytes;
use tokio::sync::{Mutex, broadcast, mpsc, oneshot};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use weft_domain::{Error, Result};

use super::{
    commit::Counters,
    dead,
    file::{self, failed},
    log::Log,
    op::Op,
    reader::Reader,
    source::{Source, bury},
    writer::Writer,
};
use crate::{
    ConsumerSpec, DeadLetter, NewDeadLetter, Published, Settings, Stream,
    event::Outgoing,
    queue::{Queue, closed, unwritten},
};

const OPS: usize = 1_024;
const LIVE: usize = 1_024;

/// The bus in one folder.
#[derive(Debug)]
pub(crate) struct Engine {
    log: Arc<Log>,
    queue: Queue,
    ops: mpsc::Sender<Op>,
    live: broadcast::Sender<(String, Bytes)>,
    turns: std::sync::Mutex<HashMap<String, Arc<Mutex<()>>>>,
    inherited: [(Stream, u64); 5],
    tasks: TaskTracker,
}

impl Engine {
    pub(crate) async fn open(folder: &Path, settings: &Settings) -> Result<Self> {
        let mut opened = file::open(folder).await?;
        let counters = Counters::load(&mut opened.writer).await.map_err(failed)?;
        let log = Arc::new(Log::new(opened.readers, counters.tails()));
        let (queue, jobs) = Queue::new("embedded", settings);
        let (ops, ops_receiver) = mpsc::channel(OPS);
        let writer = Writer {
            connection: opened.writer,
            counters,
            log: Arc::clone(&log),
            limits: settings.limits.clone(),
            jobs,
            ops: ops_receiver,
            lock: opened.lock,
        };
        let tasks = TaskTracker::new();
        tasks.spawn(writer.run());
        tasks.close();
        Ok(Self {
            inherited: Stream::ALL.map(|stream| (stream, log.tail(stream).last())),
            log,
            queue,
            ops,
            live: broadcast::Sender::new(LIVE),
            turns: std::sync::Mutex::default(),
            tasks,
        })
    }

    pub(crate) async fn migrate(&self, specs: &[ConsumerSpec]) -> Result<()> {
        self.ask(|reply| Op::Register { specs: specs.to_vec(), reply }).await
    }

    pub(crate) async fn publish(&self, stream: Stream, events: Vec<Outgoing>) -> Result<Vec<Published>> {
        self.queue.write(stream, events).await
    }

    /// A consumer's source; none when it was never registered.
    pub(crate) async fn source(&self, spec: &ConsumerSpec) -> Result<Option<Source>> {
        if !self.knows(&spec.name).await? {
            return Ok(None);
        }
        let turn = {
            let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(turns.entry(spec.name.clone()).or_default())
        };
        let inherited =
            self.inherited.iter().find(|(stream, _)| *stream == spec.stream).map_or(0, |(_, last)| *last);
        Ok(Some(Source::new(Arc::clone(&self.log), self.ops.clone(), spec.clone(), turn, inherited)))
    }

    async fn knows(&self, consumer: &str) -> Result<bool> {
        let found: Option<i64> = sqlx::query_scalar("SELECT 1 FROM consumer WHERE name = ?")
            .bind(consumer)
            .fetch_optional(&self.log.readers)
            .await
            .map_err(failed)?;
        Ok(found.is_some())
    }

    pub(crate) fn read_from(
        &self,
        stream: Stream,
        after: Option<u64>,
        filters: Vec<String>,
    ) -> Result<Reader> {
        Reader::new(Arc::clone(&self.log), stream, after, filters)
    }

    pub(crate) fn first_cursor(&self, stream: Stream) -> u64 {
        self.log.tail(stream).first()
    }

    pub(crate) fn last_cursor(&self, stream: Stream) -> u64 {
        self.log.tail(stream).last()
    }

    pub(crate) fn publish_live(&self, subject: &str, data: Bytes) {
        // Nobody listens: nobody misses it.
        _ = self.live.send((subject.to_owned(), data));
    }

    pub(crate) fn subscribe_live(&self) -> (broadcast::Receiver<(String, Bytes)>, CancellationToken) {
        (self.live.subscribe(), self.log.closed.clone())
    }

    pub(crate) async fn dead_letters(&self, after: u64, limit: usize) -> Result<Vec<DeadLetter>> {
        dead::list(&self.log.readers, after, limit).await
    }

    pub(crate) async fn bury(&self, dedup: String, letter: NewDeadLetter) -> Result<()> {
        bury(&self.ops, dedup, letter).await
    }

    pub(crate) async fn remove_dead_letters(&self, ids: &[u64]) -> Result<()> {
        self.ask(|reply| Op::Remove { ids: ids.to_vec(), reply }).await
    }

    pub(crate) fn healthy(&self) -> bool {
        !self.log.closed.is_cancelled() && !self.log.broken.load(Ordering::Relaxed)
    }

    pub(crate) async fn close(&self) {
        self.log.closed.cancel();
        self.tasks.wait().await;
        self.log.readers.close().await;
    }

    async fn ask(&self, op: impl FnOnce(oneshot::Sender<Result<(), Error>>) -> Op) -> Result<()> {
        let (reply, answer) = oneshot::channel();
        self.ops.send(op(reply)).await.map_err(|_| closed())?;
        answer.await.map_err(|_| unwritten())?
    }
}
