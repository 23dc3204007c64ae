use chrono::TimeDelta;
use weft_domain::{Result, id};
use weft_store::Store;

use super::by_tenant;
use crate::store::{refresh_tokens, sessions};

/// How long what is over is kept, for who looks into an incident.
const KEPT: TimeDelta = TimeDelta::days(7);
const AT_ONCE: u64 = 1000;

/// Forgets sessions that are long over, and refresh tokens that are long expired.
pub(crate) async fn run(store: &Store) -> Result<()> {
    let before = store.clock().now() - KEPT;
    let over = sessions::over_before(store, before, AT_ONCE).await?;
    for (tenant, ids) in by_tenant(over.into_iter().map(|row| (row.tenant_id, row.id))) {
        let gone = &ids;
        let scope = store.tenant(id::from_uuid(tenant));
        scope.write(|tx| async move { sessions::delete(&tx, gone).await }).await?;
    }
    let expired = refresh_tokens::expired_before(store, before, AT_ONCE).await?;
    for (tenant, ids) in by_tenant(expired.into_iter().map(|row| (row.tenant_id, row.id))) {
        let gone = &ids;
        let scope = store.tenant(id::from_uuid(tenant));
        scope.write(|tx| async move { refresh_tokens::delete(&tx, gone).await }).await?;
    }
    Ok(())
}
