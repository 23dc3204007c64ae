use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio_util::sync::CancellationToken;
use weft_auth::{Principal, Revocations};
use weft_domain::{Error, ErrorCode, Result};

use crate::{LiveConfig, metering};

const COME_BACK: Duration = Duration::from_secs(10);

/// Counts sockets: in total, by tenant, by caller. Knows which callers they belong to.
#[derive(Clone)]
pub(super) struct Places(Arc<Inner>);

struct Inner {
    total: usize,
    per_tenant: usize,
    per_caller: usize,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    next: u64,
    sockets: HashMap<u64, (Principal, CancellationToken)>,
    by_tenant: HashMap<String, usize>,
    by_caller: HashMap<String, usize>,
}

impl Places {
    pub(super) fn new(config: &LiveConfig) -> Self {
        Self(Arc::new(Inner {
            total: config.sockets,
            per_tenant: config.sockets_per_tenant,
            per_caller: config.sockets_per_caller,
            taken: Mutex::default(),
        }))
    }

    pub(super) fn take(&self, caller: &Principal) -> Result<Place> {
        let (tenant, subject) = (caller.tenant.to_string(), caller.subject.to_string());
        let mut taken = self.lock();
        let number =
            |counts: &HashMap<String, usize>, key: &str| counts.get(key).copied().unwrap_or_default();
        if taken.sockets.len() >= self.0.total
            || number(&taken.by_tenant, &tenant) >= self.0.per_tenant
            || number(&taken.by_caller, &subject) >= self.0.per_caller
        {
            let words = "too many live sockets are open; close some and try again";
            return Err(
                Error::new(ErrorCode::Throttled, "too_many_sockets", words).with_retry_after(COME_BACK)
            );
        }
        *taken.by_tenant.entry(tenant.clone()).or_default() += 1;
        *taken.by_caller.entry(subject.clone()).or_default() += 1;
        taken.next += 1;
        let (key, ended) = (taken.next, CancellationToken::new());
        taken.sockets.insert(key, (caller.clone(), ended.clone()));
        metering::sockets(taken.sockets.len(), self.0.total);
        Ok(Place { places: self.clone(), key, tenant, subject, ended })
    }

    /// Ends the sockets of callers whose sessions or tokens were taken back.
    pub(super) fn end_revoked(&self, revocations: &Revocations) {
        for (caller, ended) in self.lock().sockets.values() {
            if revocations.includes(caller) {
                ended.cancel();
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.0.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One socket's place, given back when dropped.
pub(super) struct Place {
    places: Places,
    key: u64,
    tenant: String,
    subject: String,
    ended: CancellationToken,
}

impl Place {
    /// Is cancelled when the caller was shut out.
    pub(super) fn ended(&self) -> CancellationToken {
        self.ended.clone()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.lock();
        taken.sockets.remove(&self.key);
        give_back(&mut taken.by_tenant, &self.tenant);
        give_back(&mut taken.by_caller, &self.subject);
        metering::sockets(taken.sockets.len(), self.places.0.total);
    }
}

fn give_back(counts: &mut HashMap<String, usize>, key: &str) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}
