use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult, Statement, TransactionTrait};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use weft_domain::{Error, Result, id};

use super::{Pending, Topic};
use crate::{Store, from_db, metering, store::Engine};

pub(super) const BATCH: u64 = 500;
/// Polling is the guarantee, the wake-up only makes it fast (TX-4).
const POLL: Duration = Duration::from_millis(200);
/// Until what could not be handed on yet is looked at again; each time twice as long, up to `LATER`.
const SOON: Duration = Duration::from_millis(2);
const LATER: Duration = Duration::from_millis(50);
const KEEP_EVENTS: TimeDelta = TimeDelta::days(7);
const KEEP_ANSWERS: TimeDelta = TimeDelta::hours(48);
const PRUNE_ROWS: u64 = 10_000;
const PRUNE_EVERY: Duration = Duration::from_secs(600);

#[derive(FromQueryResult)]
pub(super) struct Row {
    pub(super) id: i64,
    event_id: Uuid,
    tenant_id: Uuid,
    topic: String,
    subject: String,
    kind: String,
    source: String,
    key: String,
    traceparent: Option<String>,
    body: Vec<u8>,
    created_at: DateTime<Utc>,
    pub(super) xid: i64,
    /// Whether all that comes before it has ended.
    settled: bool,
}

/// How a look at the outbox ended.
enum Look {
    /// So many were handed on.
    Moved(u64),
    /// There is something, or may be: another relay is at it, or a transaction that began before still runs.
    TooEarly,
}

/// Read before the search, as two values: joined to the outbox, it would be compared with every row there is.
const POSITION: &str = "((SELECT last_xid FROM outbox_position), (SELECT last_id FROM outbox_position))";
pub(super) const COLUMNS: &str =
    "id, event_id, tenant_id, topic, subject, kind, source, key, traceparent, body, created_at";

impl Store {
    /// Hands committed events to `sink`, in commit order, at least once, until `stop`. `sink` returns when they are accepted.
    /// Many replicas may run this: one at a time does the work.
    pub async fn relay<F, Fut>(&self, sink: F, stop: CancellationToken) -> Result<()>
    where
        F: Fn(Vec<Pending>) -> Fut,
        Fut: Future<Output = Result<()>>,
    {
        let mut pruned = tokio::time::Instant::now();
        // SQLite's note of the position is not waited for, so it is also kept here.
        let mut position = 0;
        let mut again = SOON;
        loop {
            let moved = match self.relay_once(&mut position, &sink).await {
                Ok(Look::Moved(moved)) => {
                    metering::relayed(&self.inner.service, moved);
                    again = SOON;
                    moved
                }
                // Nobody wakes us when that ends.
                Ok(Look::TooEarly) if !stop.is_cancelled() => {
                    tokio::time::sleep(again).await;
                    again = (again * 2).min(LATER);
                    continue;
                }
                Ok(Look::TooEarly) => return Ok(()),
                Err(error) => {
                    tracing::warn!(service = self.inner.service, error = %error, source = ?std::error::Error::source(&error), "outbox relay waits");
                    if sleep_or_stop(&stop, Duration::from_millis(500)).await {
                        return Ok(());
                    }
                    continue;
                }
            };
            // What another replica has committed meanwhile wakes nobody here.
            if moved > 0 {
                continue;
            }
            if stop.is_cancelled() {
                return Ok(());
            }
            if pruned.elapsed() > PRUNE_EVERY {
                pruned = tokio::time::Instant::now();
                self.prune().await?;
            }
            tokio::select! {
                () = self.inner.outbox_ready.notified() => {}
                () = tokio::time::sleep(POLL) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    async fn relay_once<F, Fut>(&self, position: &mut i64, sink: &F) -> Result<Look>
    where
        F: Fn(Vec<Pending>) -> Fut,
        Fut: Future<Output = Result<()>>,
    {
        match &self.inner.engine {
            Engine::Sqlite { readers, writer } => {
                let rows = Row::find_by_statement(self.raw(&format!(
                    "SELECT {COLUMNS}, 0 AS xid, TRUE AS settled FROM outbox WHERE id > max({position}, (SELECT last_id FROM outbox_position)) ORDER BY id LIMIT {BATCH}"
                )))
                .all(readers)
                .await
                .map_err(from_db)?;
                let Some(last) = rows.last().map(|row| row.id) else {
                    return Ok(Look::Moved(0));
                };
                let moved = hand_on(rows, sink).await?;
                *position = last;
                let (turn, savepoint) = writer.turn().await.map_err(from_db)?;
                savepoint
                    .execute_unprepared(&format!("UPDATE outbox_position SET last_id = {last}"))
                    .await
                    .map_err(from_db)?;
                savepoint.commit().await.map_err(from_db)?;
                // Not waited for: losing this note repeats events, which have the same ids.
                drop(turn.join());
                Ok(Look::Moved(moved))
            }
            Engine::Postgres { system, .. } => {
                let transaction = system.begin().await.map_err(from_db)?;
                let look = self.relay_postgres(&transaction, sink).await?;
                transaction.commit().await.map_err(from_db)?;
                Ok(look)
            }
        }
    }

    /// Ids are drawn in another order than transactions commit, so only what lies below every running transaction is taken (TX-2).
    async fn relay_postgres<F, Fut>(&self, transaction: &DatabaseTransaction, sink: &F) -> Result<Look>
    where
        F: Fn(Vec<Pending>) -> Fut,
        Fut: Future<Output = Result<()>>,
    {
        if !self.is_relays_turn(transaction).await? {
            return Ok(Look::TooEarly);
        }
        // `xid` alone would be the text in the answer, and not in the order of the index.
        let mut rows = Row::find_by_statement(self.raw(&format!(
            "SELECT {COLUMNS}, xid::text::bigint AS xid, xid < pg_snapshot_xmin(pg_current_snapshot()) AS settled \
             FROM outbox WHERE (xid, id) > {POSITION} ORDER BY outbox.xid, outbox.id LIMIT {BATCH}"
        )))
        .all(transaction)
        .await
        .map_err(from_db)?;
        if rows.is_empty() {
            return Ok(Look::Moved(0));
        }
        rows.truncate(rows.iter().take_while(|row| row.settled).count());
        let Some((xid, last)) = rows.last().map(|row| (row.xid, row.id)) else { return Ok(Look::TooEarly) };
        let moved = hand_on(rows, sink).await?;
        let note = format!("UPDATE outbox_position SET last_xid = '{xid}'::xid8, last_id = {last}");
        transaction.execute_unprepared(&note).await.map_err(from_db)?;
        Ok(Look::Moved(moved))
    }

    /// How many seconds the oldest event has waited; 0 when none waits.
    pub async fn outbox_age_seconds(&self) -> Result<f64> {
        let (connection, behind) = match &self.inner.engine {
            Engine::Sqlite { readers, .. } => {
                (readers, "id > (SELECT last_id FROM outbox_position) ORDER BY id".to_owned())
            }
            Engine::Postgres { system, .. } => (system, format!("(xid, id) > {POSITION} ORDER BY xid, id")),
        };
        // The first in order is the oldest but for those that committed at the same moment.
        let sql = format!("SELECT created_at AS oldest FROM outbox WHERE {behind} LIMIT 1");
        let row = connection.query_one_raw(self.raw(&sql)).await.map_err(from_db)?;
        let oldest = row.and_then(|row| row.try_get::<DateTime<Utc>>("", "oldest").ok());
        Ok(oldest.map_or(0.0, |oldest| (self.inner.clock.now() - oldest).as_seconds_f64()))
    }

    /// Forgets what is older than anybody asks for: events handed on, and answers kept for repeated requests (ED-4).
    /// The relay does so every ten minutes.
    pub async fn prune(&self) -> Result<()> {
        let now = self.inner.clock.now();
        let handed_on = match &self.inner.engine {
            Engine::Sqlite { .. } => "id <= (SELECT last_id FROM outbox_position)",
            Engine::Postgres { .. } => "(xid, id) <= (SELECT last_xid, last_id FROM outbox_position)",
        };
        // Numbers are drawn in about the order of time, so that the oldest are found without an index on it.
        let outbox = format!(
            "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox ORDER BY id LIMIT {PRUNE_ROWS}) \
             AND created_at < $1 AND {handed_on}"
        );
        while self.delete_before(&outbox, now - KEEP_EVENTS).await? == PRUNE_ROWS {}
        self.delete_before("DELETE FROM idempotency WHERE created_at < $1", now - KEEP_ANSWERS)
            .await
            .map(|_| ())
    }

    async fn delete_before(&self, sql: &str, before: DateTime<Utc>) -> Result<u64> {
        let statement = Statement::from_sql_and_values(self.backend(), sql, [before.into()]);
        match &self.inner.engine {
            Engine::Sqlite { writer, .. } => {
                let (turn, savepoint) = writer.turn().await.map_err(from_db)?;
                let deleted = savepoint.execute_raw(statement).await.map_err(from_db)?.rows_affected();
                savepoint.commit().await.map_err(from_db)?;
                turn.join().committed().await.map(|()| deleted)
            }
            Engine::Postgres { system, .. } => {
                system.execute_raw(statement).await.map(|done| done.rows_affected()).map_err(from_db)
            }
        }
    }

    fn raw(&self, sql: &str) -> Statement {
        Statement::from_string(self.backend(), sql)
    }
}

async fn hand_on<F, Fut>(rows: Vec<Row>, sink: &F) -> Result<u64>
where
    F: Fn(Vec<Pending>) -> Fut,
    Fut: Future<Output = Result<()>>,
{
    let count = u64::try_from(rows.len()).map_err(Error::internal)?;
    fail::fail_point!("store.relay.before");
    sink(rows.into_iter().map(Pending::from).collect()).await?;
    fail::fail_point!("store.relay.after");
    Ok(count)
}

async fn sleep_or_stop(stop: &CancellationToken, time: Duration) -> bool {
    tokio::select! {
        () = tokio::time::sleep(time) => false,
        () = stop.cancelled() => true,
    }
}

impl From<Row> for Pending {
    fn from(row: Row) -> Self {
        Self {
            id: row.event_id,
            tenant: id::from_uuid(row.tenant_id),
            topic: Topic::of(&row.topic),
            subject: row.subject,
            kind: row.kind,
            source: row.source,
            key: row.key,
            time: row.created_at,
            traceparent: row.traceparent,
            body: row.body.into(),
        }
    }
}
