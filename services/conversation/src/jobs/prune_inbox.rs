//! What keeps repeated events apart is kept for 30 days (IN-8); nothing is redelivered later.

use chrono::TimeDelta;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter};
use uuid::Uuid;
use weft_domain::{Result, id};
use weft_store::Purpose;

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
    for owner in owners {
        let forget = |tx: weft_store::Tx| async move {
            tx.delete(inbox::Entity::delete_many().filter(inbox::Column::SeenAt.lt(before))).await?;
            tx.delete(
                parked_report::Entity::delete_many().filter(parked_report::Column::CreatedAt.lt(before)),
            )
            .await
        };
        context.store.tenant(id::from_uuid(owner.tenant_id)).write(forget).await?;
    }
    Ok(())
}
