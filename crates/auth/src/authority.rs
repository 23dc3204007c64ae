use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::Notify;
use weft_domain::{Clock, Error, Result};

use crate::{FleetIdentity, Keys, Principal, PublicKey, Revocations};

/// What a service holds to check who is calling. Cheap to clone.
#[derive(Clone)]
pub struct Authority {
    inner: Arc<Inner>,
}

struct Inner {
    keys: ArcSwap<Keys>,
    keys_wanted: Notify,
    revocations: Revocations,
    identity: FleetIdentity,
    clock: Arc<dyn Clock>,
}

impl Authority {
    /// An authority without keys yet: it refuses everybody but the fleet until `set_keys`.
    pub fn new(identity: FleetIdentity, clock: Arc<dyn Clock>) -> Self {
        let inner = Inner {
            keys: ArcSwap::default(),
            keys_wanted: Notify::new(),
            revocations: Revocations::default(),
            identity,
            clock,
        };
        Self { inner: Arc::new(inner) }
    }

    /// Takes the keys that are published now.
    pub fn set_keys(&self, keys: &[PublicKey]) {
        self.inner.keys.store(Arc::new(Keys::new(keys)));
    }

    /// Resolves when a token named a key we do not have: time to look at the published keys again (at most once a minute, AU-2).
    pub async fn keys_wanted(&self) {
        self.inner.keys_wanted.notified().await;
    }

    /// The list of what was taken back.
    pub fn revocations(&self) -> &Revocations {
        &self.inner.revocations
    }

    /// The caller an access token names, unless it was taken back.
    pub fn verify(&self, token: &str) -> Result<Principal> {
        let keys = self.inner.keys.load();
        if keys.lacks_key_of(token) {
            self.inner.keys_wanted.notify_one();
        }
        let principal = keys.verify(token)?;
        if self.inner.revocations.includes(&principal) {
            return Err(Error::unauthenticated("session_ended", "this session has ended; sign in again"));
        }
        Ok(principal)
    }

    /// The service that calls us.
    pub fn verify_service(&self, token: &str) -> Result<String> {
        self.inner.identity.verify(token)
    }

    /// A token that proves to other services who we are.
    pub fn service_token(&self) -> Result<String> {
        self.inner.identity.token(self.inner.clock.as_ref())
    }
}
