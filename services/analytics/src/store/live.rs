//! How conversations are now.

use chrono::{DateTime, Utc};
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;
use weft_domain::Result;
use weft_store::Tx;

/// Conversations that are not over. Words of an index, so that both databases see that it fits.
pub(crate) const LIVE: &str = "status IN ('open', 'pending', 'snoozed')";

/// Conversations of one status.
#[derive(Debug, FromQueryResult)]
pub(crate) struct OfStatus {
    pub(crate) status: String,
    pub(crate) count: i64,
    pub(crate) unassigned: i64,
    pub(crate) waiting: i64,
    pub(crate) oldest: Option<DateTime<Utc>>,
}

/// The live conversations, by status.
pub(crate) async fn by_status(
    tx: &Tx,
    generation: i64,
    channel: Option<Uuid>,
    agent: Option<Uuid>,
) -> Result<Vec<OfStatus>> {
    let mut values: Vec<Value> = vec![generation.into()];
    let mut narrow = String::new();
    for (column, wanted) in [("channel_id", channel), ("assignee", agent)] {
        if let Some(wanted) = wanted {
            values.push(wanted.into());
            narrow.push_str(&format!(" AND {column} = ${}", values.len() + 1));
        }
    }
    let sql = format!(
        "SELECT status, COUNT(*) AS count, COUNT(*) - COUNT(assignee) AS unassigned, \
         COUNT(waiting_since) AS waiting, MIN(waiting_since) AS oldest FROM conversation \
         WHERE tenant_id = $1 AND generation = $2 AND {LIVE}{narrow} GROUP BY status"
    );
    tx.query(&sql, values).await
}
