//! Reading the streams, from memory or from the file.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, atomic::AtomicBool},
};

use sqlx::{QueryBuilder, Sqlite, SqlitePool};
use tokio_util::sync::CancellationToken;
use weft_domain::Result;

use super::{file::failed, rows, rows::Stored, tail::Tail};
use crate::{Stream, subject};

/// What readers and the writer share.
#[derive(Debug)]
pub(crate) struct Log {
    pub readers: SqlitePool,
    pub closed: CancellationToken,
    /// The last transaction failed.
    pub broken: AtomicBool,
    inbound: Tail,
    outbound: Tail,
    events: Tail,
    audit: Tail,
    log: Tail,
    // How far each consumer has come, events it does not want included: what lies below can be pruned.
    floors: Mutex<HashMap<String, u64>>,
}

impl Log {
    pub(crate) fn new(readers: SqlitePool, tails: [Tail; 5]) -> Self {
        let [inbound, outbound, events, audit, log] = tails;
        Self {
            readers,
            closed: CancellationToken::new(),
            broken: AtomicBool::new(false),
            inbound,
            outbound,
            events,
            audit,
            log,
            floors: Mutex::default(),
        }
    }

    pub(crate) fn tail(&self, stream: Stream) -> &Tail {
        match stream {
            Stream::In => &self.inbound,
            Stream::Out => &self.outbound,
            Stream::Events => &self.events,
            Stream::Audit => &self.audit,
            Stream::Log => &self.log,
        }
    }

    pub(crate) fn set_floor(&self, consumer: &str, floor: u64) {
        let mut floors = self.floors.lock().unwrap_or_else(PoisonError::into_inner);
        match floors.get_mut(consumer) {
            Some(known) => *known = floor,
            None => _ = floors.insert(consumer.to_owned(), floor),
        }
    }

    pub(crate) fn floors(&self) -> HashMap<String, u64> {
        self.floors.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Up to `most` events from `from` to `to` that fit a filter, and the cursor to go on from.
    pub(crate) async fn read(
        &self,
        stream: Stream,
        (from, to): (u64, u64),
        most: usize,
        filters: &[String],
    ) -> Result<(Vec<Arc<Stored>>, u64)> {
        let wanted = |stored: &Stored| subject::matches_any(filters, &stored.event.subject);
        if let Some(found) = self.tail(stream).read(from, to, most, wanted) {
            return Ok(found);
        }
        let mut query = select(stream, (from, to), filters, most);
        let rows = query.build().fetch_all(&self.readers).await.map_err(failed)?;
        let complete = rows.len() < most;
        let mut found = Vec::with_capacity(rows.len());
        let mut next = from;
        for row in &rows {
            let stored = rows::stored(row)?;
            next = stored.cursor + 1;
            if wanted(&stored) {
                found.push(Arc::new(stored));
            }
        }
        Ok((found, if complete { to + 1 } else { next }))
    }
}

/// Selects by what the filters begin with; whole filters are for the caller.
fn select(stream: Stream, (from, to): (u64, u64), filters: &[String], most: usize) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new("SELECT key, subject, attributes, data FROM event WHERE key BETWEEN ");
    query.push_bind(rows::key(stream, from)).push(" AND ").push_bind(rows::key(stream, to)).push(" AND (");
    for (index, filter) in filters.iter().enumerate() {
        let prefix = subject::literal_prefix(filter);
        query.push(if index == 0 { "" } else { " OR " });
        query.push("(subject >= ").push_bind(prefix.to_owned());
        query.push(" AND subject < ").push_bind(format!("{prefix}\u{10ffff}")).push(")");
    }
    query.push(") ORDER BY key LIMIT ").push_bind(i64::try_from(most).unwrap_or(i64::MAX));
    query
}
