//! The one task that writes: whatever has gathered while it was busy is the next transaction.

use std::{fs::File, sync::Arc, time::Duration};

use sqlx::{Connection, SqliteConnection};
use tokio::{
    sync::mpsc::Receiver,
    time::{Instant, sleep_until, timeout_at},
};

use super::{
    commit::{self, Counters},
    log::Log,
    op::Op,
    prune::prune,
};
use crate::{
    Limits,
    queue::{Gathering, Job},
};

/// How long acknowledgements wait for a publish to share their sync with.
const ACKS_WAIT: Duration = Duration::from_millis(20);
const MAX_OPS: usize = 1_000;
const PRUNE_BUSY: Duration = Duration::from_secs(30);
const PRUNE_IDLE: Duration = Duration::from_secs(3600);

pub(crate) struct Writer {
    pub connection: SqliteConnection,
    pub counters: Counters,
    pub log: Arc<Log>,
    pub limits: Limits,
    pub jobs: Receiver<Job>,
    pub ops: Receiver<Op>,
    pub lock: File,
}

impl Writer {
    /// Writes until the bus is closed or nobody is left to write for.
    pub(crate) async fn run(mut self) {
        let mut left_over = None;
        let mut prune_at = Instant::now();
        loop {
            let (mut gathering, mut ops) = (Gathering::new(), Vec::new());
            if let Some(job) = left_over.take() {
                gathering.push(job);
            } else {
                tokio::select! {
                    Some(job) = self.jobs.recv() => gathering.push(job),
                    Some(op) = self.ops.recv() => ops.push(op),
                    () = sleep_until(prune_at) => {
                        prune_at = Instant::now() + self.prune().await;
                        continue;
                    }
                    () = self.log.closed.cancelled() => {
                        // What was let in before is still written.
                        self.jobs.close();
                        self.ops.close();
                        if self.jobs.is_empty() && self.ops.is_empty() {
                            break;
                        }
                    }
                    else => break,
                }
            }
            left_over = self.gather(&mut gathering, &mut ops).await;
            if gathering.jobs.is_empty() && ops.is_empty() {
                continue;
            }
            let work = (gathering.jobs, ops);
            commit::commit(&mut self.connection, &mut self.counters, &self.log, &self.limits, work).await;
            prune_at = prune_at.min(Instant::now() + PRUNE_BUSY);
        }
        if let Err(error) = self.connection.close().await {
            tracing::warn!(%error, "closing the bus");
        }
        drop(self.lock);
    }

    async fn gather(&mut self, gathering: &mut Gathering, ops: &mut Vec<Op>) -> Option<Job> {
        let end = Instant::now() + ACKS_WAIT;
        loop {
            let left_over = gathering.fill(&mut self.jobs);
            while ops.len() < MAX_OPS
                && let Ok(op) = self.ops.try_recv()
            {
                ops.push(op);
            }
            let urgent = !gathering.jobs.is_empty() || !ops.iter().all(Op::can_wait);
            if urgent || ops.len() >= MAX_OPS || self.log.closed.is_cancelled() {
                return left_over;
            }
            let more = async {
                tokio::select! {
                    Some(job) = self.jobs.recv() => gathering.push(job),
                    Some(op) = self.ops.recv() => ops.push(op),
                    () = self.log.closed.cancelled() => {}
                    else => self.log.closed.cancel(),
                }
            };
            if timeout_at(end, more).await.is_err() {
                return None;
            }
        }
    }

    async fn prune(&mut self) -> Duration {
        match prune(&mut self.connection, &mut self.counters, &self.log, &self.limits).await {
            Ok(true) => Duration::ZERO,
            Ok(false) => PRUNE_IDLE,
            Err(error) => {
                tracing::error!(%error, "the bus cannot prune");
                commit::roll_back(&mut self.connection).await;
                PRUNE_BUSY
            }
        }
    }
}
