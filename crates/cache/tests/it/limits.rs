use std::time::Duration;

use futures::future::join_all;
use weft_cache::Quota;
use weft_testkit::eventually;

use crate::{MINUTE, engines, new_key};

#[tokio::test]
async fn a_burst_is_allowed_then_nothing_for_an_interval() {
    for (engine, cache) in engines().await {
        let (key, quota) = (new_key("limit"), Quota::per_minute(1, 3));
        for remaining in [2, 1, 0] {
            let decision = cache.rate_limit(&key, quota).await;
            assert_eq!((decision.allowed, decision.remaining), (true, remaining), "{engine}");
            assert_eq!(decision.retry_after, Duration::ZERO, "{engine}");
        }
        let denied = cache.rate_limit(&key, quota).await;
        assert!(!denied.allowed && denied.remaining == 0, "{engine}: {denied:?}");
        assert!(denied.retry_after > Duration::ZERO && denied.retry_after <= MINUTE, "{engine}: {denied:?}");
        assert!(denied.reset_after > MINUTE && denied.reset_after <= MINUTE * 3, "{engine}: {denied:?}");
        assert!(
            cache.rate_limit(&new_key("limit"), quota).await.allowed,
            "{engine}: other keys have their own"
        );
    }
}

#[tokio::test]
async fn an_interval_gives_one_back() {
    for (engine, cache) in engines().await {
        let (key, quota) = (new_key("limit"), Quota::per_second(2, 1));
        assert!(cache.rate_limit(&key, quota).await.allowed, "{engine}");
        let allowed = async || cache.rate_limit(&key, quota).await.allowed.then_some(());
        eventually("an interval gives one back", Duration::from_secs(10), allowed).await;
    }
}

#[tokio::test]
async fn a_crowd_gets_no_more_than_the_burst() {
    for (engine, cache) in engines().await {
        let (key, quota) = (new_key("limit"), Quota::new(1, Duration::from_secs(3600), 10));
        let decisions = join_all((0..50).map(|_| cache.rate_limit(&key, quota))).await;
        assert_eq!(decisions.iter().filter(|decision| decision.allowed).count(), 10, "{engine}");
    }
}

#[tokio::test]
async fn a_smaller_quota_takes_effect_at_once_and_does_not_lock_out() {
    for (engine, cache) in engines().await {
        let (key, large) = (new_key("limit"), Quota::new(1, Duration::from_secs(3600), 1000));
        for _ in 0..100 {
            assert!(cache.rate_limit(&key, large).await.allowed, "{engine}");
        }
        let denied = cache.rate_limit(&key, Quota::per_second(1, 2)).await;
        assert!(!denied.allowed && denied.retry_after <= Duration::from_secs(1), "{engine}: {denied:?}");
    }
}
