use std::sync::Arc;

use tokio::sync::Notify;
use weft_auth::Principal;
use weft_crypto::{Kek, SigningKey};
use weft_domain::{Result, TenantId, id};
use weft_store::Store;

use crate::{Config, outside::Outside};

/// What the use cases work with.
pub(crate) struct Compliance {
    pub(crate) store: Store,
    pub(crate) kek: Arc<Kek>,
    pub(crate) signing_key: SigningKey,
    pub(crate) outside: Outside,
    /// Enough has been appended for a checkpoint at once.
    pub(crate) checkpoint_due: Notify,
    pub(crate) config: Config,
}

impl Compliance {
    /// The tenant whose log a caller may read: the own one, or for operators the one they name. None: not theirs to see.
    pub(crate) fn readable(&self, caller: &Principal, named: Option<&str>) -> Result<Option<TenantId>> {
        let Some(text) = named.filter(|text| !text.is_empty()) else { return Ok(Some(caller.tenant)) };
        let tenant = id::parse("tenant", text)?;
        let may_see = tenant == caller.tenant || caller.may("tenant.create");
        Ok(may_see.then_some(tenant))
    }
}
