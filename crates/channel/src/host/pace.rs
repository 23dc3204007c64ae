use std::time::{Duration, Instant};

use weft_cache::{Key, Quota};

use super::{core::Core, envelope::digest, live_account::LiveAccount, metering};
use crate::Adapter;

impl<A: Adapter> Core<A> {
    /// Waits until the provider may be called once more; gives up with the time that is still to wait.
    pub(crate) async fn pace(
        &self,
        account: &LiveAccount<A::Account>,
        thread_id: &str,
        patience: Duration,
    ) -> Result<(), Duration> {
        let rate = self.descriptor.rate;
        let channel = account.channel_id.to_string();
        let limits = [
            (
                Key::tenant(&account.tenant_id, "pace-thread", &[&channel, &digest(thread_id.as_bytes())]),
                quota(rate.thread_per_second, rate.thread_burst),
            ),
            (
                Key::tenant(&account.tenant_id, "pace-account", &[&channel]),
                quota(rate.account_per_second, rate.account_burst),
            ),
        ];
        let begun = Instant::now();
        let end = begun + patience;
        let mut has_waited = false;
        for (key, quota) in limits {
            loop {
                let decision = self.cache.rate_limit(&key, quota).await;
                if decision.allowed {
                    break;
                }
                let wait = decision.retry_after.max(Duration::from_millis(1));
                if Instant::now() + wait > end {
                    return Err(wait);
                }
                has_waited = true;
                tokio::time::sleep(wait).await;
            }
        }
        if has_waited {
            metering::paced(self.descriptor.kind, begun.elapsed());
        }
        Ok(())
    }
}

fn quota(per_second: f64, burst: u32) -> Quota {
    // a provider without a limit says infinity, a mistake says zero
    let interval = if per_second > 0.0 { 1.0 / per_second } else { 1.0 };
    let period = Duration::try_from_secs_f64(interval).unwrap_or(Duration::from_secs(1));
    Quota::new(1, period, burst)
}
