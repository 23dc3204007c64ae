//! What was said by itself is remembered as long as it may not be said again.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::FromQueryResult;
use uuid::Uuid;
use weft_domain::{Result, TenantId, id};
use weft_store::Purpose;

use crate::{
    Context,
    app::create_auto_reply::MOST_HOURS,
    store::auto_answers::{self, DONE},
};

/// So many are looked for together; those of a tenant among them go in one transaction.
const AT_ONCE: usize = 1_000;
/// So many steps are made before the rest waits for the next time.
const STEPS: usize = 50;

#[derive(FromQueryResult)]
struct Old {
    tenant_id: Uuid,
    id: Uuid,
    decided_at: DateTime<Utc>,
}

/// Forgets what is older. One query when there is nothing.
pub(crate) async fn run(context: &Context) -> Result<()> {
    let before = context.store.clock().now() - TimeDelta::hours(MOST_HOURS.into());
    let sql = format!(
        "SELECT tenant_id, id, decided_at FROM auto_answer WHERE {DONE} AND decided_at < $1 \
         AND (decided_at, id) > ($2, $3) ORDER BY decided_at, id LIMIT {AT_ONCE}"
    );
    let mut after = (DateTime::UNIX_EPOCH, Uuid::nil());
    for _ in 0..STEPS {
        let system = context.store.system(Purpose::FindLapsed).await?;
        let values = vec![before.into(), after.0.into(), after.1.into()];
        let old: Vec<Old> = system.query(&sql, values).await?;
        drop(system);
        let count = old.len();
        let mut by_tenant: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
        for one in old {
            // what cannot be forgotten now does not hold up the rest
            after = (one.decided_at, one.id);
            by_tenant.entry(one.tenant_id).or_default().push(one.id);
        }
        for (tenant, ids) in by_tenant {
            let tenant: TenantId = id::from_uuid(tenant);
            if let Err(error) = forget(context, tenant, ids, before).await {
                tracing::warn!(tenant.id = %tenant, error = %error, "old automatic replies stay");
            }
        }
        if count < AT_ONCE {
            break;
        }
    }
    Ok(())
}

async fn forget(context: &Context, tenant: TenantId, ids: Vec<Uuid>, before: DateTime<Utc>) -> Result<()> {
    let ids = &ids;
    let forget = |tx| async move { auto_answers::forget(&tx, ids.clone(), before).await };
    context.store.tenant(tenant).write(forget).await
}
