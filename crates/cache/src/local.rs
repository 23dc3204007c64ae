use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use moka::sync::Cache;
use weft_domain::{Error, Result};

use crate::{
    Decision, Key, Quota,
    kept::{Full, Kept, weight},
    limiter::Limiter,
    metering,
    own_ttl::{OwnTtl, Timed},
};

/// The engine in this process: half of its memory may forget, half must not.
pub(crate) struct Local {
    values: Cache<String, Timed<Bytes>>,
    kept: Mutex<Kept>,
    limiter: Limiter,
    most: u64,
}

impl Local {
    pub(crate) fn new(max_bytes: u64) -> Self {
        let values = Cache::builder()
            .max_capacity(max_bytes / 2)
            .weigher(|key: &String, entry: &Timed<Bytes>| {
                u32::try_from(weight(key, &entry.value)).unwrap_or(u32::MAX)
            })
            .expire_after(OwnTtl)
            .build();
        let kept = Mutex::new(Kept::new(max_bytes / 2));
        let local = Self { values, kept, limiter: Limiter::new(), most: max_bytes / 2 };
        local.report(&local.kept());
        local
    }

    pub(crate) fn get(&self, key: &Key) -> Option<Bytes> {
        let forgettable = self.values.get(key.as_str()).map(|entry| entry.value);
        forgettable.or_else(|| self.kept().get(key.as_str()).cloned())
    }

    pub(crate) fn set(&self, key: &Key, value: Bytes, ttl: Duration) {
        let mut kept = self.kept();
        kept.remove(key.as_str());
        self.values.insert(key.as_str().to_owned(), Timed { value, ttl });
        self.report(&kept);
    }

    pub(crate) fn delete(&self, key: &Key) {
        self.take(key);
    }

    pub(crate) fn add(&self, key: &Key, value: Bytes, ttl: Duration) -> Result<bool> {
        let mut kept = self.kept();
        if self.values.contains_key(key.as_str()) || kept.get(key.as_str()).is_some() {
            return Ok(false);
        }
        kept.insert(key.as_str(), value, ttl).map_err(full)?;
        self.report(&kept);
        Ok(true)
    }

    pub(crate) fn take(&self, key: &Key) -> Option<Bytes> {
        // the lock makes both removals one
        let mut kept = self.kept();
        let forgettable = self.values.remove(key.as_str()).map(|entry| entry.value);
        forgettable.or(kept.remove(key.as_str()))
    }

    pub(crate) fn rate_limit(&self, key: &Key, quota: Quota) -> Decision {
        self.limiter.rate_limit(key, quota)
    }

    pub(crate) fn lease(&self, key: &Key, owner: &str, ttl: Duration) -> Result<bool> {
        let mut kept = self.kept();
        if kept.get(key.as_str()).is_some_and(|holder| holder != owner) {
            return Ok(false);
        }
        kept.insert(key.as_str(), Bytes::copy_from_slice(owner.as_bytes()), ttl).map_err(full)?;
        Ok(true)
    }

    pub(crate) fn renew(&self, key: &Key, owner: &str, ttl: Duration) -> Result<bool> {
        let mut kept = self.kept();
        if kept.get(key.as_str()).is_none_or(|holder| holder != owner) {
            return Ok(false);
        }
        kept.insert(key.as_str(), Bytes::copy_from_slice(owner.as_bytes()), ttl).map_err(full)?;
        Ok(true)
    }

    pub(crate) fn release(&self, key: &Key, owner: &str) -> bool {
        let mut kept = self.kept();
        let held = kept.get(key.as_str()).is_some_and(|holder| holder == owner);
        if held {
            kept.remove(key.as_str());
        }
        held
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn report(&self, kept: &Kept) {
        metering::filled("values", self.values.weighted_size(), self.most);
        metering::filled("kept", kept.bytes(), self.most);
    }
}

fn full(_: Full) -> Error {
    Error::unavailable("cache_full")
}

#[cfg(test)]
mod tests {
    use weft_domain::ErrorCode;

    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn values_are_forgotten_when_memory_ends() {
        let local = Local::new(200_000);
        for number in 0..1000 {
            local.set(&Key::global("v", &[&number.to_string()]), Bytes::from(vec![0; 1000]), HOUR);
        }
        local.values.run_pending_tasks();
        assert!(local.values.weighted_size() <= 100_000, "{}", local.values.weighted_size());
    }

    #[test]
    fn tickets_are_refused_rather_than_forgotten_when_memory_ends() {
        let local = Local::new(20_000);
        let key = |number: u32| Key::global("t", &[&number.to_string()]);
        let refused =
            (0..).find(|number| local.add(&key(*number), Bytes::from(vec![0; 1000]), HOUR).is_err());
        let refused = refused.unwrap();
        assert!(refused > 1);
        assert_eq!(
            local.add(&key(refused), Bytes::from(vec![0; 1000]), HOUR).unwrap_err().code(),
            ErrorCode::Unavailable
        );
        assert!((0..refused).all(|number| local.take(&key(number)).is_some()));
        assert!(
            local.add(&key(refused + 1), Bytes::from(vec![0; 1000]), HOUR).unwrap(),
            "there is room again"
        );
    }

    #[test]
    fn expired_tickets_make_room() {
        let local = Local::new(20_000);
        for number in 0..1000_u32 {
            let key = Key::global("t", &[&number.to_string()]);
            assert!(local.add(&key, Bytes::from(vec![0; 1000]), Duration::ZERO).unwrap());
        }
    }
}
