use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::entry::Entry;
use crate::{LiveConfig, metering};

/// How much a socket takes out at once.
const BATCH_EVENTS: usize = 64;
const BATCH_BYTES: usize = 256 * 1024;

/// The newest events of all tenants. It has everything after its floor.
pub(super) struct Ring {
    max_events: usize,
    max_bytes: usize,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// All entries, the oldest first.
    order: VecDeque<Arc<Entry>>,
    /// The same, by tenant.
    by_tenant: HashMap<Arc<str>, VecDeque<Arc<Entry>>>,
    bytes: usize,
    floor: u64,
    /// The last cursor that was read; none before the first start.
    head: Option<u64>,
    /// What was last when the ring was started: before the head is there, the ring does not know what is new.
    ready_at: u64,
}

/// What a socket gets for its position.
pub(super) enum Read {
    /// The next entries, maybe none, and the position after them.
    Next(Vec<Arc<Entry>>, u64),
    /// The ring has forgotten what comes next.
    Behind,
}

/// An entry which everybody who reads the stream must come by.
pub(super) struct Beacon {
    pub(super) cursor: u64,
    pub(super) subject: String,
}

impl Ring {
    pub(super) fn new(config: &LiveConfig) -> Self {
        Self { max_events: config.ring_events, max_bytes: config.ring_bytes, inner: Mutex::default() }
    }

    /// Begins anew, empty: `floor` is the last event it does not have, `last` the last of the stream.
    pub(super) fn start(&self, floor: u64, last: u64) {
        *self.lock() = Inner { floor, head: Some(floor), ready_at: last, ..Inner::default() };
    }

    pub(super) fn push(&self, entry: Arc<Entry>) {
        let mut inner = self.lock();
        inner.head = Some(entry.cursor);
        inner.bytes += entry.weight();
        inner.by_tenant.entry(Arc::clone(&entry.tenant)).or_default().push_back(Arc::clone(&entry));
        inner.order.push_back(entry);
        while inner.order.len() > self.max_events || inner.bytes > self.max_bytes {
            inner.forget_oldest();
        }
        metering::ring(inner.order.len(), inner.bytes, self.max_bytes);
    }

    /// The last cursor that was read, once the ring knows what is new.
    pub(super) fn head(&self) -> Option<u64> {
        let inner = self.lock();
        inner.head.filter(|head| *head >= inner.ready_at)
    }

    /// The last cursor that was read.
    pub(super) fn last_read(&self) -> Option<u64> {
        self.lock().head
    }

    pub(super) fn read(&self, tenant: &str, after: u64) -> Read {
        let inner = self.lock();
        if after < inner.floor {
            return Read::Behind;
        }
        let mut bytes = 0;
        let mut batch: Vec<Arc<Entry>> = Vec::new();
        for entry in inner.after(tenant, after) {
            if batch.len() == BATCH_EVENTS || bytes > BATCH_BYTES {
                let position = batch.last().map_or(after, |last| last.cursor);
                return Read::Next(batch, position);
            }
            bytes += entry.weight();
            batch.push(Arc::clone(entry));
        }
        Read::Next(batch, inner.head.unwrap_or_default().max(after))
    }

    /// How many events of a tenant wait after this position.
    pub(super) fn waiting(&self, tenant: &str, after: u64) -> usize {
        self.lock().after(tenant, after).count()
    }

    /// The tenant's first entry, or else one whose subject is rare, so that little else is read on the way to it.
    pub(super) fn beacon(&self, tenant: &str) -> Option<Beacon> {
        let inner = self.lock();
        let beacon = |entry: &Entry| Beacon { cursor: entry.cursor, subject: entry.event.subject.clone() };
        if let Some(own) = inner.by_tenant.get(tenant).and_then(VecDeque::front) {
            return Some(beacon(own));
        }
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for entry in &inner.order {
            *counts.entry(&entry.event.subject).or_default() += 1;
        }
        let rarest = inner.order.iter().min_by_key(|entry| counts.get(entry.event.subject.as_str()).copied());
        rarest.map(|entry| beacon(entry))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn after(&self, tenant: &str, after: u64) -> impl Iterator<Item = &Arc<Entry>> {
        let entries = self.by_tenant.get(tenant);
        let start = entries.map_or(0, |entries| entries.partition_point(|entry| entry.cursor <= after));
        entries.into_iter().flat_map(move |entries| entries.range(start..))
    }

    fn forget_oldest(&mut self) {
        let Some(oldest) = self.order.pop_front() else { return };
        self.floor = oldest.cursor;
        self.bytes -= oldest.weight();
        if let Some(entries) = self.by_tenant.get_mut(&oldest.tenant) {
            entries.pop_front();
            if entries.is_empty() {
                self.by_tenant.remove(&oldest.tenant);
            }
        }
    }
}

#[cfg(test)]
mod tests;
