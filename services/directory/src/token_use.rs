use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, Utc};
use uuid::Uuid;
use weft_domain::TenantId;

/// When API tokens were last used, until it is written down: once a minute, not once a call.
#[derive(Default)]
pub(crate) struct TokenUse(Mutex<HashMap<TenantId, HashMap<Uuid, DateTime<Utc>>>>);

impl TokenUse {
    pub(crate) fn note(&self, tenant: TenantId, token: Uuid, at: DateTime<Utc>) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.entry(tenant).or_default().insert(token, at);
    }

    pub(crate) fn take(&self) -> HashMap<TenantId, HashMap<Uuid, DateTime<Utc>>> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
