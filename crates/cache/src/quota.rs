use std::time::Duration;

/// How often something may happen: `burst` at once, then one per interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Quota {
    burst: u32,
    interval_us: u64,
}

/// What a rate limit says to one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether it may happen.
    pub allowed: bool,
    /// How many more may happen now.
    pub remaining: u32,
    /// When it may be tried again; zero if it was allowed.
    pub retry_after: Duration,
    /// When the whole burst is there again.
    pub reset_after: Duration,
}

impl Quota {
    /// `count` in each `period`, evenly spread, after a burst of up to `burst`.
    pub fn new(count: u32, period: Duration, burst: u32) -> Self {
        let period_us = u64::try_from(period.as_micros()).unwrap_or(u64::MAX);
        Self { burst: burst.max(1), interval_us: (period_us / u64::from(count.max(1))).max(1) }
    }

    /// `count` per second after a burst of up to `burst`.
    pub fn per_second(count: u32, burst: u32) -> Self {
        Self::new(count, Duration::from_secs(1), burst)
    }

    /// `count` per minute after a burst of up to `burst`.
    pub fn per_minute(count: u32, burst: u32) -> Self {
        Self::new(count, Duration::from_secs(60), burst)
    }

    /// The share of one of `replicas` that do not know of each other: rather less than none.
    pub(crate) fn share(self, replicas: u32) -> Self {
        let replicas = replicas.max(1);
        Self {
            burst: (self.burst / replicas).max(1),
            interval_us: self.interval_us.saturating_mul(u64::from(replicas)),
        }
    }

    pub(crate) fn burst(self) -> u32 {
        self.burst
    }

    pub(crate) fn interval_us(self) -> u64 {
        self.interval_us
    }

    /// The generic cell rate algorithm, in microseconds; `gcra.lua` is the same. `filled_until` is the one number kept
    /// per key: the time at which the burst is whole again. Gives the decision and the new number, if it changes.
    ///
    /// <https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm>
    pub(crate) fn decide(self, filled_until: Option<u64>, now: u64) -> (Decision, Option<u64>) {
        let whole = self.interval_us.saturating_mul(u64::from(self.burst));
        // the clamp is for a quota that was made smaller meanwhile
        let from = filled_until.unwrap_or(now).clamp(now, now.saturating_add(whole));
        let until = from.saturating_add(self.interval_us);
        let used = until - now;
        if used > whole {
            return (Decision::denied(used - whole, from - now), None);
        }
        let remaining = u32::try_from((whole - used) / self.interval_us).unwrap_or(u32::MAX);
        (Decision::allowed(remaining, used), Some(until))
    }
}

impl Decision {
    pub(crate) fn allowed(remaining: u32, reset_us: u64) -> Self {
        let reset_after = Duration::from_micros(reset_us);
        Self { allowed: true, remaining, retry_after: Duration::ZERO, reset_after }
    }

    pub(crate) fn denied(retry_us: u64, reset_us: u64) -> Self {
        let (retry_after, reset_after) = (Duration::from_micros(retry_us), Duration::from_micros(reset_us));
        Self { allowed: false, remaining: 0, retry_after, reset_after }
    }
}

#[cfg(test)]
mod tests;
