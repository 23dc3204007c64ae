use std::time::{Duration, Instant};

use moka::{ops::compute::Op, sync::Cache};

use crate::{
    Decision, Key, Quota,
    own_ttl::{OwnTtl, Timed},
};

/// Rate limits of this process. Keys come from outside, so their number is bounded: the least used are forgiven first.
pub(crate) struct Limiter {
    filled_until: Cache<String, Timed<u64>>,
    start: Instant,
}

const MAX_KEYS: u64 = 100_000;

impl Limiter {
    pub(crate) fn new() -> Self {
        let filled_until = Cache::builder().max_capacity(MAX_KEYS).expire_after(OwnTtl).build();
        Self { filled_until, start: Instant::now() }
    }

    pub(crate) fn rate_limit(&self, key: &Key, quota: Quota) -> Decision {
        let now = u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX);
        let mut decided = None;
        self.filled_until.entry_by_ref(key.as_str()).and_compute_with(|found| {
            let (decision, until) = quota.decide(found.map(|entry| entry.into_value().value), now);
            decided = Some(decision);
            until.map_or(Op::Nop, |value| Op::Put(Timed { value, ttl: Duration::from_micros(value - now) }))
        });
        decided.unwrap_or(Decision::denied(quota.interval_us(), 0))
    }
}
