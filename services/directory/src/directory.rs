use std::sync::Arc;

use chrono::{DateTime, Utc};
use weft_auth::Authority;
use weft_crypto::{
    SecretString,
    password::PasswordHasher,
    sign::{MacKey, hmac_sign},
    token,
};
use weft_domain::{Clock, TenantId};
use weft_proto::Intent;
use weft_store::{Scope, Store};

use crate::{Config, keyring::Keyring, throttle::Throttle, token_use::TokenUse};

/// What the use cases work with.
pub(crate) struct Directory {
    pub(crate) store: Store,
    pub(crate) authority: Authority,
    pub(crate) throttle: Throttle,
    pub(crate) passwords: PasswordHasher,
    pub(crate) keyring: Keyring,
    pub(crate) refresh_key: MacKey,
    pub(crate) digest_key: MacKey,
    pub(crate) token_use: TokenUse,
    pub(crate) config: Config,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Directory {
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub(crate) fn scope(&self, tenant: TenantId) -> Scope {
        self.store.tenant(tenant)
    }

    /// The digest of a request that holds a password or another secret, under a key: a plain one could be guessed
    /// through by who reads the database, much faster than the password's own hash.
    pub(crate) fn keyed(&self, mut intent: Intent) -> Intent {
        if let Some(plain) = &mut intent.idempotency {
            let parts: [&[u8]; 2] = [b"request digest", &plain.digest];
            let keyed = SecretString::from(hmac_sign(&self.digest_key, &parts, DateTime::UNIX_EPOCH));
            plain.digest = token::hash(&keyed);
        }
        intent
    }
}
