use weft_auth::Principal;
use weft_domain::{Error, Result};
use weft_proto::{
    Intent,
    directory::v1::{Tenant, UpdateTenantRequest},
};
use weft_store::Once;

use super::{get_tenant::visible, lookup};
use crate::{directory::Directory, store::tenants};

/// Changes a tenant's name.
pub(crate) async fn run(
    directory: &Directory,
    caller: &Principal,
    request: UpdateTenantRequest,
    intent: &Intent,
) -> Result<Once<Tenant>> {
    let tenant = visible(caller, lookup::tenant(&request.id)?)?;
    let name = request.name.as_deref().map(str::trim);
    if name == Some("") {
        return Err(Error::invalid_field("name", "`name` must not be empty"));
    }
    let scope = directory.scope(tenant);
    scope
        .write_once(intent, |tx| async move {
            match name {
                Some(wanted) => tenants::rename(&tx, wanted).await.map(Tenant::from),
                None => tenants::own(&tx).await.map(Tenant::from),
            }
        })
        .await
}
