//! What is computed, row by row.

use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use uuid::Uuid;
use weft_domain::TenantId;
use weft_store::Store;

#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub(crate) struct RollupRow {
    slot: i64,
    channel_id: Uuid,
    agent_id: Uuid,
    figure: String,
    bucket: i64,
    value: i64,
}

#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub(crate) struct MessageRow {
    id: Uuid,
    conversation_id: Uuid,
    slot: i64,
    agent_id: Uuid,
    failed: bool,
    unclear: bool,
}

#[derive(Clone, Debug, PartialEq, FromQueryResult)]
pub(crate) struct ConversationRow {
    id: Uuid,
    channel_id: Uuid,
    status: Option<String>,
    assignee: Option<Uuid>,
    waiting_since: Option<DateTime<Utc>>,
    last_seq: i64,
    changed_at: DateTime<Utc>,
    opened_at: Option<DateTime<Utc>>,
    first_in_seq: Option<i64>,
    first_in_at: Option<DateTime<Utc>>,
    answered_at: Option<DateTime<Utc>>,
}

/// All rows of the computation that is shown.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rows {
    pub(crate) rollup: Vec<RollupRow>,
    pub(crate) messages: Vec<MessageRow>,
    pub(crate) conversations: Vec<ConversationRow>,
}

#[derive(FromQueryResult)]
struct Name {
    name: String,
}

#[derive(FromQueryResult)]
struct Count {
    count: i64,
}

#[derive(FromQueryResult)]
struct Generation {
    generation: i64,
}

/// The rows of a tenant.
pub(crate) async fn of(store: &Store, tenant: TenantId) -> Rows {
    let read = |tx: weft_store::Tx| async move {
        let shown: Vec<Generation> =
            tx.query("SELECT generation FROM projection WHERE tenant_id = $1", vec![]).await?;
        let generation: sea_orm::Value = shown.first().map_or(1, |row| row.generation).into();
        let select = |columns: &str, table: &str, order: &str| {
            format!("SELECT {columns} FROM {table} WHERE tenant_id = $1 AND generation = $2 ORDER BY {order}")
        };
        let rollup = select(
            "slot, channel_id, agent_id, figure, bucket, value",
            "rollup",
            "slot, channel_id, agent_id, figure, bucket",
        );
        let messages = select("id, conversation_id, slot, agent_id, failed, unclear", "message", "id");
        let columns = "id, channel_id, status, assignee, waiting_since, last_seq, changed_at, opened_at, first_in_seq, \
                       first_in_at, answered_at";
        let conversations = select(columns, "conversation", "id");
        Ok(Rows {
            rollup: tx.query(&rollup, vec![generation.clone()]).await?,
            messages: tx.query(&messages, vec![generation.clone()]).await?,
            conversations: tx.query(&conversations, vec![generation]).await?,
        })
    };
    store.tenant(tenant).read(read).await.unwrap()
}

/// What the channels of a tenant are called.
pub(crate) async fn channel_names(store: &Store, tenant: TenantId) -> Vec<String> {
    let read = |tx: weft_store::Tx| async move {
        tx.query::<Name>("SELECT name FROM channel WHERE tenant_id = $1", vec![]).await
    };
    store.tenant(tenant).read(read).await.unwrap().into_iter().map(|row| row.name).collect()
}

/// How many rows there are of computations that are not shown.
pub(crate) async fn not_shown(store: &Store, tenant: TenantId) -> i64 {
    let read = |tx: weft_store::Tx| async move {
        let mut sum = 0;
        for table in ["rollup", "message", "conversation"] {
            let sql = format!(
                "SELECT COUNT(*) AS count FROM {table} WHERE tenant_id = $1 AND generation <> \
                 (SELECT generation FROM projection WHERE tenant_id = $1)"
            );
            sum += tx.query::<Count>(&sql, vec![]).await?.first().map_or(0, |row| row.count);
        }
        Ok(sum)
    };
    store.tenant(tenant).read(read).await.unwrap()
}

/// How the last rebuild stands.
pub(crate) async fn rebuild_state(store: &Store, tenant: TenantId) -> String {
    let read = |tx: weft_store::Tx| async move {
        tx.query::<Name>("SELECT state AS name FROM rebuild WHERE tenant_id = $1", vec![]).await
    };
    store.tenant(tenant).read(read).await.unwrap().remove(0).name
}

/// A rebuild as a process leaves it that was killed when it had hardly begun: somebody is at it until then.
pub(crate) async fn leave_behind(store: &Store, tenant: TenantId, until: DateTime<Utc>) {
    let leave = |tx: weft_store::Tx| async move {
        let sql = "UPDATE rebuild SET state = 'running', generation = generation + 1, cursor = 0, events = 0, \
                   ended_at = NULL, lease_until = $2 WHERE tenant_id = $1";
        tx.execute(sql, vec![until.into()]).await
    };
    store.tenant(tenant).write(leave).await.unwrap();
}
