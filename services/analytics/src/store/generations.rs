//! Computations side by side: what one takes over from another, and how one goes.

use chrono::{DateTime, Utc};
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;
use weft_domain::Result;
use weft_store::Tx;

/// So many rows at once hold nobody up.
const AT_ONCE: u64 = 5_000;
/// The slots of a day.
const DAY: i64 = 24 * 3600;

const MESSAGE: &str = "id, conversation_id, slot, agent_id, failed, unclear";

#[derive(FromQueryResult)]
struct Last {
    id: Option<Uuid>,
}

#[derive(FromQueryResult)]
struct First {
    slot: Option<i64>,
}

/// From which computation to which, and the first instant and slot that the new one computes itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TakeOver {
    pub(crate) from: i64,
    pub(crate) to: i64,
    pub(crate) instant: DateTime<Utc>,
    pub(crate) since: i64,
}

/// Takes over a day of earlier figures, the first one from `day` on; gives back where the next one begins.
pub(crate) async fn take_over_figures(tx: &Tx, plan: TakeOver, day: i64) -> Result<Option<i64>> {
    let find = "SELECT MIN(slot) AS slot FROM rollup WHERE tenant_id = $1 AND generation = $2 AND slot >= $3 AND slot < $4";
    let first: Vec<First> = tx.query(find, vec![plan.from.into(), day.into(), plan.since.into()]).await?;
    let Some(first) = first.first().and_then(|row| row.slot) else { return Ok(None) };
    let end = (first + DAY).min(plan.since);
    let copy = "INSERT INTO rollup (tenant_id, generation, slot, channel_id, agent_id, figure, bucket, value) \
                SELECT tenant_id, $3, slot, channel_id, agent_id, figure, bucket, value FROM rollup \
                WHERE tenant_id = $1 AND generation = $2 AND slot >= $4 AND slot < $5 ON CONFLICT DO NOTHING";
    tx.execute(copy, vec![plan.from.into(), plan.to.into(), first.into(), end.into()]).await?;
    Ok(Some(end))
}

/// Takes over earlier messages, some after `after`; gives back the last one.
pub(crate) async fn take_over_messages(tx: &Tx, plan: TakeOver, after: Uuid) -> Result<Option<Uuid>> {
    let Some(last) = last(tx, "message", plan.from, after).await? else { return Ok(None) };
    let copy = format!(
        "INSERT INTO message (tenant_id, generation, {MESSAGE}) SELECT tenant_id, $3, {MESSAGE} FROM message \
         WHERE tenant_id = $1 AND generation = $2 AND id > $4 AND id <= $5 AND slot < $6 ON CONFLICT DO NOTHING"
    );
    let values = vec![plan.from.into(), plan.to.into(), after.into(), last.into(), plan.since.into()];
    tx.execute(&copy, values).await?;
    Ok(Some(last))
}

/// Takes over conversations, some after `after`; gives back the last one. Of those that changed since, only what was so before:
/// the first event of each says how it stood.
pub(crate) async fn take_over_conversations(tx: &Tx, plan: TakeOver, after: Uuid) -> Result<Option<Uuid>> {
    let Some(last) = last(tx, "conversation", plan.from, after).await? else { return Ok(None) };
    let same = "INSERT INTO conversation (tenant_id, generation, id, channel_id, status, assignee, waiting_since, \
                last_seq, changed_at, change_id, opened_at, first_in_seq, first_in_at, answered_at) \
                SELECT tenant_id, $3, id, channel_id, status, assignee, waiting_since, \
                last_seq, changed_at, change_id, opened_at, first_in_seq, first_in_at, answered_at FROM conversation \
                WHERE tenant_id = $1 AND generation = $2 AND id > $4 AND id <= $5 AND changed_at < $6 \
                ON CONFLICT DO NOTHING";
    let values: Vec<Value> =
        vec![plan.from.into(), plan.to.into(), after.into(), last.into(), plan.instant.into()];
    tx.execute(same, values.clone()).await?;
    let changed = "INSERT INTO conversation (tenant_id, generation, id, channel_id, last_seq, changed_at, change_id, \
                   opened_at, first_in_seq, first_in_at, answered_at) \
                   SELECT tenant_id, $3, id, channel_id, 0, $7, '', \
                   CASE WHEN opened_at < $6 THEN opened_at END, \
                   CASE WHEN first_in_at < $6 THEN first_in_seq END, \
                   CASE WHEN first_in_at < $6 THEN first_in_at END, \
                   CASE WHEN answered_at < $6 THEN answered_at END FROM conversation \
                   WHERE tenant_id = $1 AND generation = $2 AND id > $4 AND id <= $5 AND changed_at >= $6 \
                   ON CONFLICT DO NOTHING";
    let values = values.into_iter().chain([DateTime::UNIX_EPOCH.into()]).collect();
    tx.execute(changed, values).await?;
    Ok(Some(last))
}

/// The last of the next rows after `after`.
async fn last(tx: &Tx, table: &str, generation: i64, after: Uuid) -> Result<Option<Uuid>> {
    // PostgreSQL knows no greatest UUID, so the rows are put in order.
    let sql = format!(
        "SELECT id FROM (SELECT id FROM {table} WHERE tenant_id = $1 AND generation = $2 AND id > $3 \
         ORDER BY id LIMIT {AT_ONCE}) AS portion ORDER BY id DESC LIMIT 1"
    );
    let found: Vec<Last> = tx.query(&sql, vec![generation.into(), after.into()]).await?;
    Ok(found.first().and_then(|row| row.id))
}

/// Deletes some rows of computations up to `last` that are not shown; says whether there may be more.
pub(crate) async fn drop_some(tx: &Tx, shown: i64, last: i64) -> Result<bool> {
    let mut deleted = 0;
    for (table, key) in [("message", "id"), ("conversation", "id"), ("rollup", "slot")] {
        let sql = format!(
            "DELETE FROM {table} WHERE tenant_id = $1 AND generation <> $2 AND generation <= $3 AND {key} IN \
             (SELECT DISTINCT {key} FROM {table} WHERE tenant_id = $1 AND generation <> $2 AND generation <= $3 \
             ORDER BY {key} LIMIT {AT_ONCE})"
        );
        deleted += tx.execute(&sql, vec![shown.into(), last.into()]).await?;
    }
    Ok(deleted > 0)
}
