use weft_auth::Principal;
use weft_domain::{Error, Result, TenantId};
use weft_proto::directory::v1::{GetTenantRequest, Tenant};

use super::lookup;
use crate::{directory::Directory, store::tenants};

/// Shows a tenant: one's own, or to an operator any.
pub(crate) async fn run(
    directory: &Directory,
    caller: &Principal,
    request: &GetTenantRequest,
) -> Result<Tenant> {
    let tenant = visible(caller, lookup::tenant(&request.id)?)?;
    directory.scope(tenant).read(|tx| async move { tenants::own(&tx).await }).await.map(Tenant::from)
}

/// Whether the caller sees all tenants.
pub(crate) fn is_operator(caller: &Principal) -> bool {
    caller.may("tenant.create")
}

/// The tenant, unless it is not the caller's to see.
pub(crate) fn visible(caller: &Principal, tenant: TenantId) -> Result<TenantId> {
    let may_see = tenant == caller.tenant || is_operator(caller);
    if may_see { Ok(tenant) } else { Err(Error::not_found("tenant")) }
}
