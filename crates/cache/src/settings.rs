use std::time::Duration;

/// How to use a Redis.
#[derive(Clone)]
pub struct RedisSettings {
    /// `redis://[user:password@]host:port[/database]`.
    pub url: String,
    /// How long to wait for an answer before doing without.
    pub timeout: Duration,
    /// How many processes share it; while it is away each allows its share of a rate.
    pub replicas: u32,
}

impl RedisSettings {
    /// Waits 100 ms, and knows of no other process.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), timeout: Duration::from_millis(100), replicas: 1 }
    }
}
