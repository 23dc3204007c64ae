//! Decisions of all tenants that `conversation` is to be told of.

use std::collections::BTreeMap;

use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;
use weft_domain::{Result, TenantId, id};
use weft_store::{Purpose, Store};

/// Those that are not known to be carried out. Words of an index, so that both databases see that it fits.
pub(crate) const WAITS: &str = "due_at IS NOT NULL";
/// So many are looked for, of whichever tenant, the oldest first.
const AT_ONCE: usize = 512;
/// So many are a tenant's at most, so that all are told before the lease ends.
const A_TENANT: usize = 32;

#[derive(FromQueryResult)]
struct Due {
    tenant_id: Uuid,
    id: Uuid,
}

/// Decisions whose time has come.
pub(crate) struct Found {
    /// Their ids, by tenant.
    pub(crate) by_tenant: Vec<(TenantId, Vec<Uuid>)>,
    /// Whether there may be more of other tenants.
    pub(crate) is_full: bool,
    /// Whether one of these tenants has more.
    pub(crate) is_cut: bool,
}

/// Those that a table keeps, the oldest of each tenant; without those of these tenants.
pub(crate) async fn find(store: &Store, table: &'static str, without: &[TenantId]) -> Result<Found> {
    let holes: Vec<String> = (0..without.len()).map(|n| format!("${}", n + 2)).collect();
    let others = match holes.is_empty() {
        true => String::new(),
        false => format!(" AND tenant_id NOT IN ({})", holes.join(", ")),
    };
    let sql = format!(
        "SELECT tenant_id, id FROM {table} WHERE {WAITS} AND due_at <= $1{others} ORDER BY due_at LIMIT {AT_ONCE}"
    );
    let mut values: Vec<Value> = vec![store.clock().now().into()];
    values.extend(without.iter().map(|tenant| Value::from(tenant.uuid())));
    let due: Vec<Due> = store.system(Purpose::FindLapsed).await?.query(&sql, values).await?;
    let is_full = due.len() >= AT_ONCE;
    let mut by_tenant: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
    for one in due {
        by_tenant.entry(one.tenant_id).or_default().push(one.id);
    }
    let is_cut = by_tenant.values().any(|ids| ids.len() > A_TENANT);
    by_tenant.values_mut().for_each(|ids| ids.truncate(A_TENANT));
    let by_tenant = by_tenant.into_iter().map(|(tenant, ids)| (id::from_uuid(tenant), ids));
    Ok(Found { by_tenant: by_tenant.collect(), is_full, is_cut })
}
