//! One transaction: all that has gathered.

use std::{collections::HashMap, sync::atomic::Ordering};

use chrono::Utc;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};
use tokio::sync::oneshot;
use weft_domain::{Error, Result};

use super::{
    log::Log,
    op::{Answer, Op},
    rows::{self, Stored, signed, unsigned},
    tail::Tail,
};
use crate::{Event, Limits, Published, Stream, event::Outgoing, queue::Job};

/// Rows of one INSERT: large enough to be fast, small enough that few statements are cached.
const ROWS: usize = 100;

/// Where each stream stands, as committed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counter {
    pub first: u64,
    pub last: u64,
    pub bytes: u64,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Counters([Counter; 5]);

impl Counters {
    pub(crate) async fn load(writer: &mut SqliteConnection) -> Result<Self, sqlx::Error> {
        let mut counters = Self::default();
        for stream in Stream::ALL {
            let row = sqlx::query("SELECT first, last, bytes FROM stream WHERE number = ?")
                .bind(rows::number(stream))
                .fetch_optional(&mut *writer)
                .await?;
            *counters.of(stream) = match row {
                Some(row) => Counter {
                    first: unsigned(row.try_get("first")?),
                    last: unsigned(row.try_get("last")?),
                    bytes: unsigned(row.try_get("bytes")?),
                },
                None => Counter { first: 1, last: 0, bytes: 0 },
            };
        }
        Ok(counters)
    }

    pub(crate) fn of(&mut self, stream: Stream) -> &mut Counter {
        let [inbound, outbound, events, audit, log] = &mut self.0;
        match stream {
            Stream::In => inbound,
            Stream::Out => outbound,
            Stream::Events => events,
            Stream::Audit => audit,
            Stream::Log => log,
        }
    }

    pub(crate) fn tails(&self) -> [Tail; 5] {
        self.0.map(|counter| Tail::new(counter.first, counter.last))
    }

    pub(crate) async fn store(
        &mut self,
        writer: &mut SqliteConnection,
        stream: Stream,
    ) -> Result<(), sqlx::Error> {
        let counter = *self.of(stream);
        sqlx::query("INSERT INTO stream (number, first, last, bytes) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET first = excluded.first, last = excluded.last, bytes = excluded.bytes")
            .bind(rows::number(stream))
            .bind(signed(counter.first))
            .bind(signed(counter.last))
            .bind(signed(counter.bytes))
            .execute(writer)
            .await?;
        Ok(())
    }
}

type Written = Result<Vec<Published>>;

/// What is told once it is on disk.
#[derive(Default)]
struct Pending {
    published: Vec<(oneshot::Sender<Written>, Written)>,
    answers: Vec<Answer>,
    appended: Vec<(Stream, Vec<Stored>)>,
}

/// Writes everything in one transaction, then answers. When that fails, nothing has happened, and whoever waits learns
/// it from an answer that never comes.
pub(crate) async fn commit(
    writer: &mut SqliteConnection,
    counters: &mut Counters,
    log: &Log,
    limits: &Limits,
    (jobs, ops): (Vec<Job>, Vec<Op>),
) {
    let mut next = counters.clone();
    let pending = match transact(writer, &mut next, limits, jobs, ops).await {
        Ok(pending) => pending,
        Err(error) => {
            tracing::error!(%error, "the bus cannot write");
            log.broken.store(true, Ordering::Relaxed);
            roll_back(writer).await;
            return;
        }
    };
    log.broken.store(false, Ordering::Relaxed);
    *counters = next;
    for (stream, events) in pending.appended {
        log.tail(stream).append(events);
    }
    for (reply, result) in pending.published {
        _ = reply.send(result);
    }
    for answer in pending.answers {
        _ = answer.reply.send(answer.result);
    }
}

pub(crate) async fn roll_back(writer: &mut SqliteConnection) {
    if let Err(error) = sqlx::query("ROLLBACK").execute(writer).await {
        tracing::debug!(%error, "nothing to roll back");
    }
}

async fn transact(
    writer: &mut SqliteConnection,
    counters: &mut Counters,
    limits: &Limits,
    jobs: Vec<Job>,
    ops: Vec<Op>,
) -> Result<Pending, sqlx::Error> {
    let mut pending = Pending::default();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut *writer).await?;
    let mut by_stream: [(Stream, Vec<Job>); 5] = Stream::ALL.map(|stream| (stream, Vec::new()));
    for job in jobs {
        for (stream, jobs) in &mut by_stream {
            if *stream == job.stream {
                jobs.push(job);
                break;
            }
        }
    }
    for (stream, jobs) in by_stream {
        if !jobs.is_empty() {
            append(writer, stream, counters.of(stream), limits.of(stream).max_bytes, jobs, &mut pending)
                .await?;
            counters.store(writer, stream).await?;
        }
    }
    for op in ops {
        pending.answers.extend(op.apply(writer).await?);
    }
    sqlx::query("COMMIT").execute(writer).await?;
    Ok(pending)
}

async fn append(
    writer: &mut SqliteConnection,
    stream: Stream,
    counter: &mut Counter,
    max_bytes: u64,
    jobs: Vec<Job>,
    pending: &mut Pending,
) -> Result<(), sqlx::Error> {
    let mut known = known(writer, stream, &jobs).await?;
    let mut fresh: Vec<(String, Stored)> = Vec::new();
    for job in jobs {
        let Job { events, reply, .. } = job;
        let weight = events.iter().map(size).sum::<u64>();
        if counter.bytes.saturating_add(weight) > max_bytes {
            pending.published.push((reply, Err(Error::unavailable("bus_stream_full"))));
            continue;
        }
        let mut answers = Vec::with_capacity(events.len());
        for outgoing in events {
            let dedup = rows::dedup(stream, outgoing.dedup());
            if let Some(&cursor) = known.get(&dedup) {
                answers.push(Published { cursor, duplicate: true });
                continue;
            }
            counter.bytes += size(&outgoing);
            counter.last += 1;
            known.insert(dedup.clone(), counter.last);
            answers.push(Published { cursor: counter.last, duplicate: false });
            fresh.push((dedup, Stored { cursor: counter.last, event: outgoing.event }));
        }
        pending.published.push((reply, Ok(answers)));
    }
    insert(writer, stream, &fresh).await?;
    pending.appended.push((stream, fresh.into_iter().map(|(_, stored)| stored).collect()));
    Ok(())
}

fn size(outgoing: &Outgoing) -> u64 {
    weight(&outgoing.event)
}

fn weight(event: &Event) -> u64 {
    u64::try_from(event.weight()).unwrap_or(u64::MAX)
}

/// Which of the jobs' ids are in the stream already, and where.
async fn known(
    writer: &mut SqliteConnection,
    stream: Stream,
    jobs: &[Job],
) -> Result<HashMap<String, u64>, sqlx::Error> {
    let ids: Vec<String> = jobs
        .iter()
        .flat_map(|job| &job.events)
        .map(|outgoing| rows::dedup(stream, outgoing.dedup()))
        .collect();
    let ids = serde_json::to_string(&ids).map_err(|error| sqlx::Error::Encode(error.into()))?;
    let rows = sqlx::query("SELECT dedup, key FROM event WHERE dedup IN (SELECT value FROM json_each(?))")
        .bind(ids)
        .fetch_all(writer)
        .await?;
    rows.iter().map(|row| Ok((row.try_get("dedup")?, rows::cursor(row.try_get("key")?)))).collect()
}

async fn insert(
    writer: &mut SqliteConnection,
    stream: Stream,
    fresh: &[(String, Stored)],
) -> Result<(), sqlx::Error> {
    let now = Utc::now().timestamp_millis();
    for chunk in fresh.chunks(ROWS) {
        let mut rows = Vec::with_capacity(chunk.len());
        for (dedup, stored) in chunk {
            let attributes =
                rows::attributes(&stored.event).map_err(|error| sqlx::Error::Encode(error.into()))?;
            rows.push((dedup, stored, attributes));
        }
        let mut insert = QueryBuilder::<Sqlite>::new(
            "INSERT INTO event (key, dedup, at, weight, subject, attributes, data) ",
        );
        insert.push_values(rows, |mut row, (dedup, stored, attributes)| {
            row.push_bind(rows::key(stream, stored.cursor))
                .push_bind(dedup.as_str())
                .push_bind(now)
                .push_bind(signed(weight(&stored.event)))
                .push_bind(stored.event.subject.as_str())
                .push_bind(attributes)
                .push_bind(stored.event.data.as_ref());
        });
        insert.build().execute(&mut *writer).await?;
    }
    Ok(())
}
