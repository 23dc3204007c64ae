use std::time::{Duration, Instant};

use weft_cache::{Cache, Quota, RedisSettings};
use weft_domain::ErrorCode;
use weft_testkit::{ChaosProxy, Redis, eventually, free_port};

use crate::{MINUTE, new_key};

const DEADLINE: Duration = Duration::from_secs(20);

/// What a cache owes while its Redis does not answer.
async fn assert_degraded(cache: &Cache) {
    let key = new_key("value");
    cache.set(&key, "x", MINUTE).await;
    assert_eq!(cache.get(&key).await, None);
    for refused in [
        cache.ping().await,
        cache.delete(&key).await,
        cache.add(&key, "x", MINUTE).await.map(drop),
        cache.take(&key).await.map(drop),
        cache.lease(&key, "me", MINUTE).await.map(drop),
        cache.renew(&key, "me", MINUTE).await.map(drop),
        cache.release(&key, "me").await.map(drop),
    ] {
        assert_eq!(refused.unwrap_err().code(), ErrorCode::Unavailable);
    }
    let quota = Quota::new(1, Duration::from_secs(3600), 9);
    let mut allowed = 0;
    while cache.rate_limit(&key, quota).await.allowed {
        allowed += 1;
    }
    assert_eq!(allowed, 3, "this process's share of nine");
}

async fn assert_recovers(cache: &Cache) {
    let key = new_key("value");
    eventually("redis is used again", DEADLINE, async || {
        cache.set(&key, "x", MINUTE).await;
        cache.get(&key).await
    })
    .await;
    assert!(cache.add(&new_key("ticket"), "x", MINUTE).await.unwrap());
}

fn cache(address: &str) -> Cache {
    let settings = RedisSettings { replicas: 3, ..RedisSettings::new(format!("redis://{address}")) };
    Cache::redis(&settings).unwrap()
}

#[tokio::test]
async fn without_redis_limits_are_local_and_nothing_is_made_up() {
    let mut redis = Redis::start().await;
    let cache = cache(&format!("127.0.0.1:{}", redis.port()));
    assert_recovers(&cache).await;
    redis.kill();
    assert_degraded(&cache).await;
    redis.restart().await;
    assert_recovers(&cache).await;
}

#[tokio::test]
async fn redis_may_come_after_us() {
    let proxy = ChaosProxy::start(format!("127.0.0.1:{}", free_port())).await;
    assert_degraded(&cache(&proxy.address())).await;
    assert_degraded(&cache(&format!("127.0.0.1:{}", free_port()))).await;

    let redis = Redis::start().await;
    let proxy = ChaosProxy::start(format!("127.0.0.1:{}", redis.port())).await;
    proxy.cut();
    let cache = cache(&proxy.address());
    assert_degraded(&cache).await;
    proxy.pass();
    assert_recovers(&cache).await;
}

#[tokio::test]
async fn a_slow_redis_is_not_waited_for() {
    let redis = Redis::start().await;
    let proxy = ChaosProxy::start(format!("127.0.0.1:{}", redis.port())).await;
    let cache = cache(&proxy.address());
    assert_recovers(&cache).await;
    for trouble in [ChaosProxy::stall, |proxy: &ChaosProxy| proxy.delay(Duration::from_millis(300))] {
        trouble(&proxy);
        let start = Instant::now();
        assert_degraded(&cache).await;
        for _ in 0..100 {
            cache.get(&new_key("value")).await;
        }
        // some ten calls wait for 100 ms; the others know already
        assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
        proxy.pass();
        assert_recovers(&cache).await;
    }
}

#[tokio::test]
async fn a_wrong_url_is_said_at_start() {
    let error = Cache::redis(&RedisSettings::new("http://127.0.0.1")).err().unwrap();
    assert_eq!(error.field(), Some("cache.url"));
}
