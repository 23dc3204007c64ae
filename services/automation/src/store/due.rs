//! Decisions of all tenants that `conversation` is to be told of.

use std::collections::BTreeMap;

use sea_orm::FromQueryResult;
use uuid::Uuid;
use weft_domain::{Result, TenantId, id};
use weft_store::{Purpose, Store};

/// Those that are not known to be carried out. Words of an index, so that both databases see that it fits.
pub(crate) const WAITS: &str = "due_at IS NOT NULL";

#[derive(FromQueryResult)]
struct Due {
    tenant_id: Uuid,
    id: Uuid,
}

/// Decisions whose time has come.
pub(crate) struct Found {
    /// Their ids, by tenant.
    pub(crate) by_tenant: Vec<(TenantId, Vec<Uuid>)>,
    /// Whether there may be more.
    pub(crate) is_full: bool,
}

/// At most so many of those that a table keeps, the oldest first.
pub(crate) async fn find(store: &Store, table: &'static str, most: u64) -> Result<Found> {
    let sql = format!(
        "SELECT tenant_id, id FROM {table} WHERE {WAITS} AND due_at <= $1 ORDER BY due_at LIMIT {most}"
    );
    let now = store.clock().now();
    let due: Vec<Due> = store.system(Purpose::FindLapsed).await?.query(&sql, vec![now.into()]).await?;
    let is_full = u64::try_from(due.len()).is_ok_and(|found| found >= most);
    let mut by_tenant: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
    for one in due {
        by_tenant.entry(one.tenant_id).or_default().push(one.id);
    }
    let by_tenant = by_tenant.into_iter().map(|(tenant, ids)| (id::from_uuid(tenant), ids));
    Ok(Found { by_tenant: by_tenant.collect(), is_full })
}
