use std::time::Duration;

use bytes::Bytes;
use redis::{
    AsyncCommands, ExistenceCheck, FromRedisValue, RedisResult, Script, SetExpiry, SetOptions, ToRedisArgs,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use tokio::time::timeout;
use weft_domain::{Error, Result};

use crate::{Decision, Key, Quota, RedisSettings, breaker::Breaker, connect};

/// The engine in Redis. Every failure is `unavailable`; what may be done without is the caller's to know.
pub(crate) struct Remote {
    connection: ConnectionManager,
    timeout: Duration,
    breaker: Breaker,
    scripts: Scripts,
}

struct Scripts {
    gcra: Script,
    lease: Script,
    renew: Script,
    release: Script,
}

impl Remote {
    pub(crate) fn new(settings: &RedisSettings) -> Result<Self> {
        let client = connect::client(settings)?;
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(Duration::from_secs(1)))
            .set_response_timeout(Some(settings.timeout))
            // each later call tries again
            .set_number_of_retries(0);
        let connection = ConnectionManager::new_lazy_with_config(client, config).map_err(Error::internal)?;
        let scripts = Scripts {
            gcra: Script::new(include_str!("lua/gcra.lua")),
            lease: Script::new(include_str!("lua/lease.lua")),
            renew: Script::new(include_str!("lua/renew.lua")),
            release: Script::new(include_str!("lua/release.lua")),
        };
        Ok(Self { connection, timeout: settings.timeout, breaker: Breaker::new(), scripts })
    }

    /// Whether it did not answer just now, so that what can do without should.
    pub(crate) fn is_down(&self) -> bool {
        self.breaker.is_open()
    }

    pub(crate) async fn ping(&self) -> Result<()> {
        self.ask(self.redis().ping()).await
    }

    pub(crate) async fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        let found: Option<Vec<u8>> = self.ask(self.redis().get(key.as_str())).await?;
        Ok(found.map(Bytes::from))
    }

    pub(crate) async fn set(&self, key: &Key, value: &[u8], ttl: Duration) -> Result<()> {
        self.ask(self.redis().pset_ex(key.as_str(), value, millis(ttl))).await
    }

    pub(crate) async fn delete(&self, key: &Key) -> Result<()> {
        self.ask(self.redis().del(key.as_str())).await
    }

    pub(crate) async fn add(&self, key: &Key, value: &[u8], ttl: Duration) -> Result<bool> {
        let options = SetOptions::default()
            .conditional_set(ExistenceCheck::NX)
            .with_expiration(SetExpiry::PX(millis(ttl)));
        self.ask(self.redis().set_options(key.as_str(), value, options)).await
    }

    pub(crate) async fn take(&self, key: &Key) -> Result<Option<Bytes>> {
        let found: Option<Vec<u8>> = self.ask(self.redis().get_del(key.as_str())).await?;
        Ok(found.map(Bytes::from))
    }

    pub(crate) async fn rate_limit(&self, key: &Key, quota: Quota) -> Result<Decision> {
        let args = [u64::from(quota.burst()), quota.interval_us()];
        let (allowed, remaining, retry_us, reset_us): (bool, u32, u64, u64) =
            self.run(&self.scripts.gcra, key, &args).await?;
        Ok(if allowed {
            Decision::allowed(remaining, reset_us)
        } else {
            Decision::denied(retry_us, reset_us)
        })
    }

    pub(crate) async fn lease(&self, key: &Key, owner: &str, ttl: Duration) -> Result<bool> {
        self.run(&self.scripts.lease, key, &[owner, &millis(ttl).to_string()]).await
    }

    pub(crate) async fn renew(&self, key: &Key, owner: &str, ttl: Duration) -> Result<bool> {
        self.run(&self.scripts.renew, key, &[owner, &millis(ttl).to_string()]).await
    }

    pub(crate) async fn release(&self, key: &Key, owner: &str) -> Result<bool> {
        self.run(&self.scripts.release, key, &[owner]).await
    }

    async fn run<T: FromRedisValue>(
        &self,
        script: &Script,
        key: &Key,
        args: &[impl ToRedisArgs],
    ) -> Result<T> {
        let mut call = script.key(key.as_str());
        for arg in args {
            call.arg(arg);
        }
        self.ask(call.invoke_async(&mut self.redis())).await
    }

    /// Clones share one connection.
    fn redis(&self) -> ConnectionManager {
        self.connection.clone()
    }

    async fn ask<T>(&self, question: impl Future<Output = RedisResult<T>>) -> Result<T> {
        match timeout(self.timeout, question).await {
            Ok(Ok(answer)) => {
                self.breaker.worked();
                Ok(answer)
            }
            Ok(Err(error)) => Err(self.failed(error)),
            Err(late) => Err(self.failed(late)),
        }
    }

    fn failed(&self, error: impl std::error::Error + Send + Sync + 'static) -> Error {
        crate::metering::failed();
        self.breaker.failed(&error);
        Error::unavailable("cache_unavailable").with_source(error)
    }
}

/// Redis takes whole milliseconds and refuses zero.
fn millis(ttl: Duration) -> u64 {
    u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).max(1)
}
