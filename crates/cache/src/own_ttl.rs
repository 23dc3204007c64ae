use std::time::{Duration, Instant};

use moka::Expiry;

/// A value that says itself how long it lives.
#[derive(Clone)]
pub(crate) struct Timed<T> {
    pub(crate) value: T,
    pub(crate) ttl: Duration,
}

/// Lets every entry live as long as it says, counted from when it was last written.
pub(crate) struct OwnTtl;

impl<T> Expiry<String, Timed<T>> for OwnTtl {
    fn expire_after_create(&self, _key: &String, entry: &Timed<T>, _now: Instant) -> Option<Duration> {
        Some(entry.ttl)
    }

    fn expire_after_update(
        &self,
        _key: &String,
        entry: &Timed<T>,
        _now: Instant,
        _left: Option<Duration>,
    ) -> Option<Duration> {
        Some(entry.ttl)
    }
}
