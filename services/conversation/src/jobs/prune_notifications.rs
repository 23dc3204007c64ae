//! What people were to know of is kept for 90 days, read or not.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;
use weft_domain::{Result, id};
use weft_store::{Purpose, Tx};

use crate::{
    Context, events,
    store::{due::Due, notifications},
};

const KEEP: TimeDelta = TimeDelta::days(90);
/// So many go in one transaction.
const AT_ONCE: usize = 1_000;
/// So many steps are made before the others have their turn.
const STEPS: usize = 50;

/// Forgets what is older. One query when there is nothing.
pub(crate) async fn run(context: &Context) -> Result<()> {
    let before = context.store.clock().now() - KEEP;
    for _ in 0..STEPS {
        let sql = format!(
            "SELECT tenant_id, id FROM notification WHERE updated_at < $1 ORDER BY updated_at LIMIT {AT_ONCE}"
        );
        let system = context.store.system(Purpose::FindLapsed).await?;
        let old: Vec<Due> = system.query(&sql, vec![before.into()]).await?;
        drop(system);
        let count = old.len();
        let mut by_tenant: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
        for one in old {
            by_tenant.entry(one.tenant_id).or_default().push(one.id);
        }
        let whose = |(tenant, ids): &(Uuid, Vec<Uuid>)| (*tenant, format!("{} notifications", ids.len()));
        let forget = |(tenant, ids): (Uuid, Vec<Uuid>)| async move {
            let (scope, ids) = (context.store.tenant(id::from_uuid(tenant)), &ids);
            scope.write(|tx| async move { forget(&tx, ids.clone(), before).await }).await
        };
        super::each("prune notifications", by_tenant.into_iter().collect(), whose, forget).await;
        if count < AT_ONCE {
            break;
        }
    }
    Ok(())
}

async fn forget(tx: &Tx, ids: Vec<Uuid>, before: DateTime<Utc>) -> Result<()> {
    let rows = notifications::take_older(tx, ids, before).await?;
    notifications::remove(tx, &rows).await?;
    let mut less: BTreeMap<Uuid, i64> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.read_at.is_none()) {
        *less.entry(row.user_id).or_default() -= 1;
    }
    if less.is_empty() {
        return Ok(());
    }
    let left = notifications::count_up(tx, &less).await?;
    left.iter().try_for_each(|(user, left)| events::notification_updated(tx, *user, None, *left))
}
