//! One consumer's place in its stream.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use sqlx::Row;
use tokio::sync::{Mutex, OwnedMutexGuard, mpsc, oneshot, watch};
use weft_domain::{Error, Result};

use super::{
    file::failed,
    log::Log,
    op::{Op, Settle},
    rows::{Stored, unsigned},
};
use crate::{
    ConsumerSpec, Delivery, NewDeadLetter,
    delivery::Fetched,
    queue::{closed, unwritten},
    waiting::Held,
};

pub(crate) struct Source {
    log: Arc<Log>,
    ops: mpsc::Sender<Op>,
    spec: ConsumerSpec,
    head: watch::Receiver<u64>,
    /// What was in the stream when this process opened it may have been out in the one before.
    inherited: u64,
    /// Held while this runner is the one that works.
    turn: Arc<Mutex<()>>,
    lease: Option<OwnedMutexGuard<()>>,
    place: Place,
}

/// Which events are still to come, out, and done.
#[derive(Debug, Default)]
struct Place {
    next: u64,
    out: BTreeSet<u64>,
    done_above: BTreeSet<u64>,
    attempts: HashMap<u64, u32>,
}

impl Source {
    pub(crate) fn new(
        log: Arc<Log>,
        ops: mpsc::Sender<Op>,
        spec: ConsumerSpec,
        turn: Arc<Mutex<()>>,
        inherited: u64,
    ) -> Self {
        let head = log.tail(spec.stream).head();
        Self { log, ops, spec, head, inherited, turn, lease: None, place: Place::default() }
    }

    /// Waits for its turn among the runners of this name, then finds its place.
    pub(crate) async fn start(&mut self) -> Result<()> {
        self.lease = Some(Arc::clone(&self.turn).lock_owned().await);
        // What the runner before has sent to the writer must be in the file before it is read.
        self.flush().await?;
        let name = &self.spec.name;
        let floor: i64 = sqlx::query_scalar("SELECT floor FROM consumer WHERE name = ?")
            .bind(name)
            .fetch_optional(&self.log.readers)
            .await
            .map_err(failed)?
            .ok_or_else(|| missing(name))?;
        let done: Vec<i64> = sqlx::query_scalar("SELECT cursor FROM ack WHERE consumer = ? AND cursor > ?")
            .bind(name)
            .bind(floor)
            .fetch_all(&self.log.readers)
            .await
            .map_err(failed)?;
        let attempts = sqlx::query("SELECT cursor, count FROM attempt WHERE consumer = ? AND cursor > ?")
            .bind(name)
            .bind(floor)
            .fetch_all(&self.log.readers)
            .await
            .map_err(failed)?;
        self.place = Place {
            next: unsigned(floor) + 1,
            out: BTreeSet::new(),
            done_above: done.into_iter().map(unsigned).collect(),
            attempts: attempts
                .iter()
                .map(|row| Ok((unsigned(row.try_get("cursor")?), row.try_get("count")?)))
                .collect::<Result<_, sqlx::Error>>()
                .map_err(failed)?,
        };
        Ok(())
    }

    /// Waits for events; may be dropped at any time.
    pub(crate) async fn fetch(&mut self, most: usize) -> Result<Vec<Fetched>> {
        if most == 0 {
            return std::future::pending().await;
        }
        loop {
            if self.log.closed.is_cancelled() {
                return Err(closed());
            }
            let head = *self.head.borrow_and_update();
            if self.place.next > head {
                tokio::select! {
                    changed = self.head.changed() => changed.map_err(|_| closed())?,
                    () = self.log.closed.cancelled() => {}
                }
                continue;
            }
            let range = (self.place.next, head);
            let (found, next) = self.log.read(self.spec.stream, range, most, &self.spec.filters).await?;
            self.place.next = next;
            let fetched: Vec<Fetched> = found.iter().filter_map(|stored| self.place.take(stored)).collect();
            self.log.set_floor(&self.spec.name, self.place.floor());
            if !fetched.is_empty() {
                return Ok(fetched);
            }
        }
    }

    /// Notes that events are about to be handled that the process may not survive.
    pub(crate) async fn announce(&mut self, wave: &[Held]) -> Result<()> {
        let counts = wave
            .iter()
            .filter(|held| held.cursor() <= self.inherited)
            .map(|held| (held.cursor(), held.delivery.attempts))
            .filter(|(cursor, attempts)| self.place.attempts.get(cursor) != Some(attempts))
            .collect();
        self.note(counts).await
    }

    /// Notes how often events have been tried; they come with the next attempt's number.
    pub(crate) async fn attempted(&mut self, again: &[Held]) -> Result<()> {
        let counts =
            again.iter().map(|held| (held.cursor(), held.delivery.attempts.saturating_sub(1))).collect();
        self.note(counts).await
    }

    async fn note(&mut self, counts: Vec<(u64, u32)>) -> Result<()> {
        if counts.is_empty() {
            return Ok(());
        }
        self.place.attempts.extend(counts.iter().copied());
        let (reply, answer) = oneshot::channel();
        self.send(Op::Attempts { consumer: self.spec.name.clone(), counts, reply }).await?;
        answer.await.map_err(|_| unwritten())?
    }

    pub(crate) async fn done(&mut self, done: Vec<Held>) -> Result<()> {
        if done.is_empty() {
            return Ok(());
        }
        let cursors = done.iter().map(Held::cursor);
        let settle = self.place.settle(cursors, &self.spec.name);
        self.log.set_floor(&self.spec.name, settle.floor);
        self.send(Op::Settle(settle)).await
    }

    pub(crate) async fn bury(&self, cursor: u64, letter: NewDeadLetter) -> Result<()> {
        let dedup = format!("{}:{}:{cursor}", self.spec.name, self.spec.stream.name());
        bury(&self.ops, dedup, letter).await
    }

    async fn flush(&self) -> Result<()> {
        let (reply, answer) = oneshot::channel();
        self.send(Op::Attempts { consumer: self.spec.name.clone(), counts: Vec::new(), reply }).await?;
        answer.await.map_err(|_| unwritten())?
    }

    async fn send(&self, op: Op) -> Result<()> {
        self.ops.send(op).await.map_err(|_| closed())
    }
}

pub(crate) async fn bury(ops: &mpsc::Sender<Op>, dedup: String, letter: NewDeadLetter) -> Result<()> {
    let (reply, answer) = oneshot::channel();
    ops.send(Op::Bury { dedup, letter: Box::new(letter), reply }).await.map_err(|_| closed())?;
    answer.await.map_err(|_| unwritten())?
}

impl Place {
    fn take(&mut self, stored: &Stored) -> Option<Fetched> {
        if self.done_above.remove(&stored.cursor) {
            return None;
        }
        self.out.insert(stored.cursor);
        let tried = self.attempts.get(&stored.cursor).copied().unwrap_or_default();
        let delivery = Delivery {
            event: stored.event.clone(),
            cursor: stored.cursor,
            attempts: tried.saturating_add(1),
            life: 0,
            grip: None,
        };
        Some(Fetched { delivery, ack_to: String::new(), fault: None, suspect: tried > 0 })
    }

    /// Everything up to here is done or not wanted.
    fn floor(&self) -> u64 {
        self.out.first().copied().unwrap_or(self.next).saturating_sub(1)
    }

    fn settle(&mut self, cursors: impl Iterator<Item = u64>, consumer: &str) -> Settle {
        let mut clean = false;
        let mut done = Vec::new();
        for cursor in cursors {
            self.out.remove(&cursor);
            clean |= self.attempts.remove(&cursor).is_some();
            done.push(cursor);
        }
        let floor = self.floor();
        self.done_above.extend(&done);
        let still_above = self.done_above.split_off(&(floor + 1));
        clean |=
            std::mem::replace(&mut self.done_above, still_above).iter().any(|cursor| !done.contains(cursor));
        done.retain(|&cursor| cursor > floor);
        Settle { consumer: consumer.to_owned(), floor, above: done, clean }
    }
}

fn missing(name: &str) -> Error {
    Error::precondition("consumer_missing", format!("the bus knows no consumer `{name}`; run `weft migrate`"))
}
