use std::sync::atomic::{AtomicUsize, Ordering};

use weft_cache::{Cache, Key, Quota, RedisSettings};
use weft_testkit::Redis;

use crate::{MINUTE, new_key};

/// Looks something up the way a service does: the cache first, the truth otherwise.
async fn look_up(cache: &Cache, key: &Key, asked_the_truth: &AtomicUsize) -> String {
    if let Some(found) = cache.get(key).await {
        return String::from_utf8(found.to_vec()).unwrap();
    }
    asked_the_truth.fetch_add(1, Ordering::SeqCst);
    cache.set(key, "answer", MINUTE).await;
    "answer".to_owned()
}

#[tokio::test]
async fn wiping_redis_changes_how_fast_an_answer_comes_and_not_the_answer() {
    let redis = Redis::start().await;
    let mut settings = RedisSettings::new(redis.url());
    settings.timeout = MINUTE;
    let cache = Cache::redis(&settings).unwrap();

    let (value, asked) = (new_key("value"), AtomicUsize::new(0));
    for wiped in [false, true, false] {
        if wiped {
            redis.flush().await;
        }
        assert_eq!(look_up(&cache, &value, &asked).await, "answer");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 2, "once more, after the wipe");

    let (ticket, lease, limit) = (new_key("ticket"), new_key("lease"), new_key("limit"));
    assert!(cache.add(&ticket, "ticket", MINUTE).await.unwrap());
    assert!(cache.lease(&lease, "me", MINUTE).await.unwrap());
    assert!(cache.rate_limit(&limit, Quota::per_minute(1, 1)).await.allowed);
    redis.flush().await;
    assert_eq!(cache.take(&ticket).await.unwrap(), None, "a lost ticket lets nobody in");
    assert!(!cache.renew(&lease, "me", MINUTE).await.unwrap(), "who lost a lease is told");
    assert!(cache.rate_limit(&limit, Quota::per_minute(1, 1)).await.allowed, "scripts are loaded again");
}
