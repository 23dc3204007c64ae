use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use bytes::Bytes;

/// Values that are not forgotten before their time, because somebody relies on them: tickets and leases.
pub(crate) struct Kept {
    entries: HashMap<String, Entry>,
    bytes: u64,
    max_bytes: u64,
}

struct Entry {
    value: Bytes,
    until: Instant,
}

/// There is no room, and what is there must stay.
pub(crate) struct Full;

impl Kept {
    pub(crate) fn new(max_bytes: u64) -> Self {
        Self { entries: HashMap::new(), bytes: 0, max_bytes }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Bytes> {
        self.entries.get(key).filter(|entry| entry.until > Instant::now()).map(|entry| &entry.value)
    }

    pub(crate) fn remove(&mut self, key: &str) -> Option<Bytes> {
        let entry = self.entries.remove(key)?;
        self.bytes -= weight(key, &entry.value);
        (entry.until > Instant::now()).then_some(entry.value)
    }

    pub(crate) fn insert(&mut self, key: &str, value: Bytes, ttl: Duration) -> Result<(), Full> {
        self.remove(key);
        let weight = weight(key, &value);
        if self.bytes + weight > self.max_bytes {
            self.drop_expired();
        }
        if self.bytes + weight > self.max_bytes {
            return Err(Full);
        }
        self.bytes += weight;
        self.entries.insert(key.to_owned(), Entry { value, until: Instant::now() + ttl });
        Ok(())
    }

    fn drop_expired(&mut self) {
        let now = Instant::now();
        self.entries.retain(|_, entry| entry.until > now);
        self.bytes = self.entries.iter().map(|(key, entry)| weight(key, &entry.value)).sum();
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }
}

/// What an entry costs, with a guess of the map's own share.
pub(crate) fn weight(key: &str, value: &Bytes) -> u64 {
    u64::try_from(key.len() + value.len() + 128).unwrap_or(u64::MAX)
}
