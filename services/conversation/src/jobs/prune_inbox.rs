//! What keeps repeated events apart is kept for 30 days (IN-8); nothing is redelivered later.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter};
use uuid::Uuid;
use weft_domain::{Result, TenantId, id};
use weft_store::{Purpose, Tx};

use super::each;
use crate::{
    Context,
    store::entity::{inbox, parked_report},
};

const KEEP: TimeDelta = TimeDelta::days(30);

#[derive(FromQueryResult)]
struct Owner {
    tenant_id: Uuid,
}

/// Forgets what is older, for the tenants that have something older.
pub(crate) async fn run(context: &Context) -> Result<()> {
    let before = context.store.clock().now() - KEEP;
    let system = context.store.system(Purpose::FindLapsed).await?;
    let sql = "SELECT DISTINCT tenant_id FROM inbox WHERE seen_at < $1 \
               UNION SELECT DISTINCT tenant_id FROM parked_report WHERE created_at < $1";
    let owners: Vec<Owner> = system.query(sql, vec![before.into()]).await?;
    drop(system);
    let whose = |one: &Owner| (one.tenant_id, "inbox".to_owned());
    let forget = |one: Owner| async move {
        let tenant: TenantId = id::from_uuid(one.tenant_id);
        context.store.tenant(tenant).write(|tx| async move { forget(&tx, before).await }).await
    };
    each("prune inbox", owners, whose, forget).await;
    Ok(())
}

async fn forget(tx: &Tx, before: DateTime<Utc>) -> Result<()> {
    tx.delete(inbox::Entity::delete_many().filter(inbox::Column::SeenAt.lt(before))).await?;
    let reports = parked_report::Entity::delete_many().filter(parked_report::Column::CreatedAt.lt(before));
    tx.delete(reports).await.map(|_| ())
}
