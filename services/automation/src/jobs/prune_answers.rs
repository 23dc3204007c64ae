//! What was said by itself is remembered as long as it may not be said again.

use chrono::TimeDelta;
use sea_orm::FromQueryResult;
use uuid::Uuid;
use weft_domain::{Result, id};
use weft_store::Purpose;

use crate::{Context, app::create_auto_reply::MOST_HOURS, store::auto_answers};

#[derive(FromQueryResult)]
struct Owner {
    tenant_id: Uuid,
}

/// Forgets what is older, for the tenants that have such.
pub(crate) async fn run(context: &Context) -> Result<()> {
    let before = context.store.clock().now() - TimeDelta::hours(MOST_HOURS.into());
    let system = context.store.system(Purpose::FindLapsed).await?;
    let sql = "SELECT DISTINCT tenant_id FROM auto_answer WHERE decided_at < $1 AND due_at IS NULL";
    let owners: Vec<Owner> = system.query(sql, vec![before.into()]).await?;
    drop(system);
    for owner in owners {
        let forget = |tx| async move { auto_answers::forget(&tx, before).await };
        context.store.tenant(id::from_uuid(owner.tenant_id)).write(forget).await?;
    }
    Ok(())
}
