use std::{net::IpAddr, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use weft_cache::{Cache, Key, Quota};
use weft_domain::{Clock, Error, Result};

use crate::SignIn;

const HOUR: Duration = Duration::from_secs(3600);

/// Counts attempts to sign in, by account and by address (AU-8). Accounts that do not exist are counted as well, so that
/// nothing tells them apart.
pub(crate) struct Throttle {
    cache: Cache,
    limits: SignIn,
    clock: Arc<dyn Clock>,
}

impl Throttle {
    pub(crate) fn new(cache: Cache, limits: SignIn, clock: Arc<dyn Clock>) -> Self {
        Self { cache, limits, clock }
    }

    /// Lets an attempt in, or says when to try again.
    pub(crate) async fn admit(&self, account: &str, address: Option<&str>) -> Result<()> {
        if let Some(network) = address.map(network) {
            let quota = Quota::per_minute(self.limits.address_per_minute, self.limits.address_burst);
            self.count("sign-in-address", &network, quota).await?;
        }
        if let Some(wait) = self.locked_for(account).await {
            return Err(Error::throttled(wait));
        }
        let quota = Quota::per_minute(self.limits.account_per_minute, self.limits.account_burst);
        self.count("sign-in-account", account, quota).await
    }

    /// Notes that an attempt failed. After too many the account waits; what is left of the wait decays by itself.
    pub(crate) async fn failed(&self, account: &str) {
        let quota = Quota::new(self.limits.failures_per_hour, HOUR, self.limits.failure_burst);
        let decision = self.cache.rate_limit(&Key::global("sign-in-failure", &[account]), quota).await;
        if decision.remaining > 0 {
            return;
        }
        let wait = decision.retry_after.max(HOUR / self.limits.failures_per_hour.max(1));
        let until = self.clock.now() + TimeDelta::from_std(wait).unwrap_or_default();
        self.cache.set(&lock(account), until.timestamp_millis().to_string(), wait).await;
    }

    async fn locked_for(&self, account: &str) -> Option<Duration> {
        let value = self.cache.get(&lock(account)).await?;
        let millis = std::str::from_utf8(&value).ok()?.parse().ok()?;
        let until = DateTime::<Utc>::from_timestamp_millis(millis)?;
        (until - self.clock.now()).to_std().ok().filter(|wait| !wait.is_zero())
    }

    async fn count(&self, kind: &str, who: &str, quota: Quota) -> Result<()> {
        let decision = self.cache.rate_limit(&Key::global(kind, &[who]), quota).await;
        if decision.allowed { Ok(()) } else { Err(Error::throttled(decision.retry_after)) }
    }
}

fn lock(account: &str) -> Key {
    Key::global("sign-in-lock", &[account])
}

/// Whoever has one IPv6 address has a whole /64 of them.
fn network(address: &str) -> String {
    match address.parse::<IpAddr>().map(|ip| ip.to_canonical()) {
        Ok(IpAddr::V6(v6)) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        Ok(IpAddr::V4(v4)) => v4.to_string(),
        Err(_) => address.to_owned(),
    }
}
