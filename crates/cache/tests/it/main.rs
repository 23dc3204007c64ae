//! The contract of both engines, and what happens without Redis.

#![expect(clippy::unwrap_used, reason = "tests")]

mod contract;
mod limits;
mod outages;
mod secured;
mod wiped;

use std::time::Duration;

use weft_cache::{Cache, Key, RedisSettings};
use weft_domain::id;

const MINUTE: Duration = Duration::from_secs(60);

/// Both engines, which owe the same.
async fn engines() -> [(&'static str, Cache); 2] {
    let mut settings = RedisSettings::new(weft_testkit::redis_url().await);
    // a busy machine is no outage
    settings.timeout = Duration::from_secs(10);
    [("in process", Cache::in_process(1 << 20)), ("redis", Cache::redis(&settings).unwrap())]
}

/// A key that no other test has.
fn new_key(kind: &str) -> Key {
    Key::tenant(&id::new(), kind, &["part"])
}
