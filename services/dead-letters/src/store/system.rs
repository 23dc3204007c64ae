//! What is looked for across tenants.

use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use uuid::Uuid;
use weft_domain::{Error, Result, TenantId, id};
use weft_store::{Purpose, Store};

#[derive(FromQueryResult)]
struct Owner {
    tenant_id: Uuid,
}

#[derive(FromQueryResult)]
struct Counted {
    reason: String,
    letters: i64,
}

/// The tenants that have letters to be published again.
pub(crate) async fn with_replays(store: &Store) -> Result<Vec<TenantId>> {
    let sql = "SELECT DISTINCT tenant_id FROM dead_letter WHERE state = 'replaying'";
    let rows: Vec<Owner> = store.system(Purpose::FindDeadLetters).await?.query(sql, Vec::new()).await?;
    Ok(rows.into_iter().map(|row| id::from_uuid(row.tenant_id)).collect())
}

/// The tenants that have letters which ended before a moment.
pub(crate) async fn with_old(store: &Store, before: DateTime<Utc>) -> Result<Vec<TenantId>> {
    let sql = "SELECT DISTINCT tenant_id FROM dead_letter WHERE ended_at < $1";
    let system = store.system(Purpose::FindDeadLetters).await?;
    let rows: Vec<Owner> = system.query(sql, vec![before.into()]).await?;
    Ok(rows.into_iter().map(|row| id::from_uuid(row.tenant_id)).collect())
}

/// How many letters are kept, by the most frequent reasons.
pub(crate) async fn kept_by_reason(store: &Store, most: u32) -> Result<Vec<(String, u64)>> {
    let sql = "SELECT reason, COUNT(*) AS letters FROM dead_letter WHERE state = 'kept' \
               GROUP BY reason ORDER BY letters DESC, reason LIMIT $1";
    let system = store.system(Purpose::FindDeadLetters).await?;
    let rows: Vec<Counted> = system.query(sql, vec![i64::from(most).into()]).await?;
    let counted = |row: Counted| Ok((row.reason, u64::try_from(row.letters).map_err(Error::internal)?));
    rows.into_iter().map(counted).collect()
}
