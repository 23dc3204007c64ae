use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde::Deserialize;
use tokio::{sync::Mutex as Turn, time::Instant};
use url::Url;
use weft_auth::PublishedKeys;

use crate::{HttpTransport, ProviderCall, Transport as _};

/// Published keys change seldom, and the old ones stay for days.
const KEEP: Duration = Duration::from_hours(24);
/// Anybody can name a key that does not exist.
const LOOK_AGAIN: Duration = Duration::from_hours(1);
/// After a failure, so that a provider that is away is not asked by every call.
const TRY_AGAIN: Duration = Duration::from_secs(5);
/// For each of two calls, while the provider waits.
const PATIENCE: Duration = Duration::from_secs(3);

/// The keys that providers publish, by the address of what says where they are. Clones are the same ones.
#[derive(Clone)]
pub(crate) struct KeySets(Arc<Inner>);

struct Inner {
    transport: HttpTransport,
    known: Mutex<HashMap<Url, Arc<KeySet>>>,
}

#[derive(Default)]
struct KeySet {
    keys: PublishedKeys,
    looked: Turn<Looked>,
}

/// When the keys were looked at.
#[derive(Default)]
struct Looked {
    found_at: Option<Instant>,
    tried_at: Option<Instant>,
    again_at: Option<Instant>,
}

#[derive(Deserialize)]
struct Metadata {
    jwks_uri: Url,
}

impl KeySets {
    pub(crate) fn new(transport: HttpTransport) -> Self {
        Self(Arc::new(Inner { transport, known: Mutex::default() }))
    }

    /// The keys that are published there: none until they are wanted.
    pub(crate) fn at(&self, place: &Url) -> PublishedKeys {
        self.set(place).keys.clone()
    }

    /// Whether there are keys; looks for them when there are none, or old ones.
    pub(crate) async fn are_there(&self, place: &Url) -> bool {
        let set = self.set(place);
        let mut looked = set.looked.lock().await;
        let is_old = looked.found_at.is_none_or(|at| at.elapsed() >= KEEP);
        let may_try = looked.tried_at.is_none_or(|at| at.elapsed() >= TRY_AGAIN);
        if is_old && may_try {
            self.look(place, &set.keys, &mut looked).await;
        }
        looked.found_at.is_some()
    }

    /// Looks whether there are other keys by now; once in a while, or else it is false.
    pub(crate) async fn look_again(&self, place: &Url) -> bool {
        let set = self.set(place);
        let mut looked = set.looked.lock().await;
        if looked.again_at.is_some_and(|at| at.elapsed() < LOOK_AGAIN) {
            return false;
        }
        looked.again_at = Some(Instant::now());
        self.look(place, &set.keys, &mut looked).await
    }

    async fn look(&self, place: &Url, keys: &PublishedKeys, looked: &mut Looked) -> bool {
        looked.tried_at = Some(Instant::now());
        let found = self.fetch(place).await.is_some_and(|set| keys.replace(&set));
        if found {
            looked.found_at = looked.tried_at;
        } else {
            tracing::warn!(host = place.host_str(), "a provider's published keys could not be read");
        }
        found
    }

    async fn fetch(&self, place: &Url) -> Option<bytes::Bytes> {
        let metadata: Metadata = self.get(place.clone()).await?.json().ok()?;
        Some(self.get(metadata.jwks_uri).await?.body)
    }

    async fn get(&self, url: Url) -> Option<crate::ProviderReply> {
        let call = ProviderCall::get(url, "published_keys").timeout(PATIENCE);
        self.0.transport.call(call).await.ok().filter(|reply| reply.status.is_success())
    }

    fn set(&self, place: &Url) -> Arc<KeySet> {
        let mut known = self.0.known.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(place.clone()).or_default())
    }
}
