use weft_auth::Principal;
use weft_bus::Bus;
use weft_domain::{Error, Result, TenantId, id};
use weft_store::{Scope, Store};

use crate::Config;

/// What the use cases work with.
pub(crate) struct Desk {
    pub(crate) store: Store,
    pub(crate) bus: Bus,
    pub(crate) config: Config,
}

impl Desk {
    /// The letters a caller may see: those of the own tenant, or for operators of the one they name.
    pub(crate) fn scope(&self, caller: &Principal, named: Option<&str>) -> Result<Option<Scope>> {
        let tenant = match named.filter(|text| !text.is_empty()) {
            None => caller.tenant,
            Some(text) => id::parse::<id::Tenant>("tenant", text)?,
        };
        Ok(may_see(caller, tenant).then(|| self.store.tenant(tenant)))
    }

    /// The same where a letter is named or changed: one that may not see a tenant hears what one hears who made it up.
    pub(crate) fn scope_to_change(&self, caller: &Principal, named: Option<&str>) -> Result<Scope> {
        self.scope(caller, named)?.ok_or_else(no_such_tenant)
    }
}

/// What there is to say of a tenant that has no letters here, or none that the caller may see.
pub(crate) fn no_such_tenant() -> Error {
    Error::invalid_field("tenant", "there are no dead letters of such a tenant")
}

fn may_see(caller: &Principal, tenant: TenantId) -> bool {
    tenant == caller.tenant || caller.may("tenant.create")
}
