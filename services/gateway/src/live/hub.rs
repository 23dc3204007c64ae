use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{broadcast, watch};

use super::{
    entry::{Entry, Shown},
    ring::Ring,
};
use crate::LiveConfig;

/// Typing and the like: a socket that is this far behind misses some.
const LIVE_BACKLOG: usize = 64;

/// Where events come in, and how the sockets of a tenant learn of it.
pub(super) struct Hub {
    pub(super) ring: Ring,
    tenants: Mutex<HashMap<Arc<str>, Wires>>,
}

struct Wires {
    /// Changes when the ring has something new for this tenant.
    news: watch::Sender<u64>,
    live: broadcast::Sender<Arc<Shown>>,
}

impl Hub {
    pub(super) fn new(config: &LiveConfig) -> Self {
        Self { ring: Ring::new(config), tenants: Mutex::default() }
    }

    /// Takes the next event of the stream.
    pub(super) fn take(&self, entry: Arc<Entry>) {
        let (tenant, cursor) = (Arc::clone(&entry.tenant), entry.cursor);
        self.ring.push(entry);
        if let Some(wires) = self.lock().get(&tenant) {
            wires.news.send_replace(cursor);
        }
    }

    /// Tells everybody to look anew.
    pub(super) fn wake_all(&self, cursor: u64) {
        for wires in self.lock().values() {
            wires.news.send_replace(cursor);
        }
    }

    /// Hands something live to the sockets of a tenant, if it has any: `show` is asked only then.
    pub(super) fn tell(&self, tenant: &str, show: impl FnOnce() -> Option<Shown>) {
        let Some(live) = self.lock().get(tenant).map(|wires| wires.live.clone()) else { return };
        if let Some(shown) = show() {
            // nobody may be listening any more
            live.send(Arc::new(shown)).unwrap_or_default();
        }
    }

    pub(super) fn listen(&self, tenant: &str) -> (watch::Receiver<u64>, broadcast::Receiver<Arc<Shown>>) {
        let mut tenants = self.lock();
        let wires = tenants.entry(tenant.into()).or_insert_with(|| Wires {
            news: watch::Sender::new(0),
            live: broadcast::Sender::new(LIVE_BACKLOG),
        });
        (wires.news.subscribe(), wires.live.subscribe())
    }

    /// Forgets tenants without sockets.
    pub(super) fn forget_idle(&self) {
        self.lock().retain(|_, wires| wires.news.receiver_count() > 0);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<str>, Wires>> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
