//! Making room: what is handled and old goes.

use std::collections::HashMap;

use chrono::Utc;
use sqlx::{Row, SqliteConnection};

use super::{
    commit::Counters,
    log::Log,
    rows::{self, signed, unsigned},
};
use crate::{ConsumerSpec, Limits, Stream};

/// How long ids are remembered; the same as NATS is told.
const WINDOW_MS: i64 = 120_000;
/// Rows of one transaction, so that publishers hardly notice.
const ROWS: u64 = 5_000;

/// Deletes a portion; gives back whether there may be more.
pub(crate) async fn prune(
    writer: &mut SqliteConnection,
    counters: &mut Counters,
    log: &Log,
    limits: &Limits,
) -> Result<bool, sqlx::Error> {
    let floors = floors(writer, log).await?;
    let mut more = false;
    for stream in Stream::ALL {
        let floor = floors.get(&stream).copied().flatten();
        let mut next = counters.clone();
        sqlx::query("BEGIN IMMEDIATE").execute(&mut *writer).await?;
        more |= prune_stream(writer, &mut next, log, limits, stream, floor).await?;
        sqlx::query("COMMIT").execute(&mut *writer).await?;
        *counters = next;
    }
    Ok(more)
}

async fn prune_stream(
    writer: &mut SqliteConnection,
    counters: &mut Counters,
    log: &Log,
    limits: &Limits,
    stream: Stream,
    floor: Option<u64>,
) -> Result<bool, sqlx::Error> {
    let counter = *counters.of(stream);
    let limit = limits.of(stream);
    let now = Utc::now().timestamp_millis();
    let oldest =
        sqlx::query("SELECT key, at, weight FROM event WHERE key BETWEEN ? AND ? ORDER BY key LIMIT ?")
            .bind(rows::key(stream, 0))
            .bind(rows::key(stream, counter.last))
            .bind(signed(ROWS))
            .fetch_all(&mut *writer)
            .await?;
    let age_ms = i64::try_from(limit.max_age_secs.saturating_mul(1_000)).unwrap_or(i64::MAX);
    // Room for a burst: a stream nine tenths full lets go of what everybody has read.
    let crowded = limit.max_bytes / 10 * 9;
    let (mut upto, mut freed) = (0, 0);
    for row in &oldest {
        let (key, at, weight): (i64, i64, i64) =
            (row.try_get("key")?, row.try_get("at")?, row.try_get("weight")?);
        let cursor = rows::cursor(key);
        let age = now - at;
        let handled = floor.is_some_and(|floor| cursor <= floor) && age > WINDOW_MS;
        let expired = age_ms > 0 && age > age_ms;
        let squeezed = handled && counter.bytes - freed > crowded;
        if !(expired || squeezed || (handled && stream.is_queue())) {
            break;
        }
        upto = cursor;
        freed += unsigned(weight).min(counter.bytes - freed);
    }
    if upto == 0 {
        return Ok(false);
    }
    // Before the rows go, so that a reader who finds them missing also finds out why.
    log.tail(stream).set_first(upto + 1);
    sqlx::query("DELETE FROM event WHERE key BETWEEN ? AND ?")
        .bind(rows::key(stream, 0))
        .bind(rows::key(stream, upto))
        .execute(&mut *writer)
        .await?;
    *counters.of(stream) =
        super::commit::Counter { first: upto + 1, bytes: counter.bytes - freed, ..counter };
    counters.store(writer, stream).await?;
    Ok(oldest.last().is_some_and(|row| row.try_get("key").is_ok_and(|key: i64| rows::cursor(key) == upto)))
}

/// How far all consumers of a stream have come; nothing where there is no consumer yet.
async fn floors(
    writer: &mut SqliteConnection,
    log: &Log,
) -> Result<HashMap<Stream, Option<u64>>, sqlx::Error> {
    let live = log.floors();
    let mut floors: HashMap<Stream, Option<u64>> = HashMap::new();
    for row in sqlx::query("SELECT name, spec, floor FROM consumer").fetch_all(&mut *writer).await? {
        let name: String = row.try_get("name")?;
        let Ok(spec) = serde_json::from_str::<ConsumerSpec>(row.try_get("spec")?) else { continue };
        let stored = unsigned(row.try_get("floor")?);
        let floor = live.get(&name).copied().unwrap_or_default().max(stored);
        if floor > stored {
            sqlx::query("UPDATE consumer SET floor = ? WHERE name = ?")
                .bind(signed(floor))
                .bind(&name)
                .execute(&mut *writer)
                .await?;
        }
        let slowest = floors.entry(spec.stream).or_insert(Some(floor));
        *slowest = slowest.map(|known| known.min(floor));
    }
    Ok(floors)
}
