use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use weft_domain::Result;

use crate::{Decision, Key, Quota, RedisSettings, limiter::Limiter, local::Local, metering, remote::Remote};

/// What may be lost without changing an answer. Cheap to clone.
#[derive(Clone)]
pub struct Cache(Arc<Engine>);

enum Engine {
    Local(Local),
    Redis { remote: Remote, fallback: Limiter, replicas: u32 },
}

impl Cache {
    /// A cache in this process that takes up to `max_bytes`.
    pub fn in_process(max_bytes: u64) -> Self {
        metering::describe();
        Self(Arc::new(Engine::Local(Local::new(max_bytes))))
    }

    /// A cache in Redis, which need not be there yet. Called inside a tokio runtime.
    pub fn redis(settings: &RedisSettings) -> Result<Self> {
        metering::describe();
        let remote = Remote::new(settings)?;
        Ok(Self(Arc::new(Engine::Redis { remote, fallback: Limiter::new(), replicas: settings.replicas })))
    }

    /// Whether it answers; for readiness.
    pub async fn ping(&self) -> Result<()> {
        match &*self.0 {
            Engine::Local(_) => Ok(()),
            Engine::Redis { remote, .. } => remote.ping().await,
        }
    }

    /// Finds a value; a Redis that is away has none.
    pub async fn get(&self, key: &Key) -> Option<Bytes> {
        match &*self.0 {
            Engine::Local(local) => local.get(key),
            Engine::Redis { remote, .. } if remote.is_down() => degraded("get"),
            Engine::Redis { remote, .. } => remote.get(key).await.unwrap_or_else(|_| degraded("get")),
        }
    }

    /// Keeps a value for `ttl`, or less when memory ends or Redis is away.
    pub async fn set(&self, key: &Key, value: impl Into<Bytes>, ttl: Duration) {
        match &*self.0 {
            Engine::Local(local) => local.set(key, value.into(), ttl),
            Engine::Redis { remote, .. } if remote.is_down() => degraded("set"),
            Engine::Redis { remote, .. } => {
                remote.set(key, &value.into(), ttl).await.unwrap_or_else(|_| degraded("set"));
            }
        }
    }

    /// Forgets a value; fails when it may still be found later.
    pub async fn delete(&self, key: &Key) -> Result<()> {
        match &*self.0 {
            Engine::Local(local) => {
                local.delete(key);
                Ok(())
            }
            Engine::Redis { remote, .. } => remote.delete(key).await,
        }
    }

    /// Keeps a value for `ttl` unless there is one; says whether there was none. Fails rather than guess.
    pub async fn add(&self, key: &Key, value: impl Into<Bytes>, ttl: Duration) -> Result<bool> {
        match &*self.0 {
            Engine::Local(local) => local.add(key, value.into(), ttl),
            Engine::Redis { remote, .. } => remote.add(key, &value.into(), ttl).await,
        }
    }

    /// Finds a value and forgets it, so that one caller alone gets it. Fails rather than guess.
    pub async fn take(&self, key: &Key) -> Result<Option<Bytes>> {
        match &*self.0 {
            Engine::Local(local) => Ok(local.take(key)),
            Engine::Redis { remote, .. } => remote.take(key).await,
        }
    }

    /// Counts an attempt against a quota. Without Redis, this process allows its share.
    pub async fn rate_limit(&self, key: &Key, quota: Quota) -> Decision {
        match &*self.0 {
            Engine::Local(local) => local.rate_limit(key, quota),
            Engine::Redis { remote, fallback, replicas } => {
                if !remote.is_down()
                    && let Ok(decision) = remote.rate_limit(key, quota).await
                {
                    return decision;
                }
                degraded::<()>("rate_limit");
                fallback.rate_limit(key, quota.share(*replicas))
            }
        }
    }

    /// Takes a lease for `ttl`, if nobody else holds it; a holder who asks again keeps it longer.
    pub async fn lease(&self, key: &Key, owner: &str, ttl: Duration) -> Result<bool> {
        match &*self.0 {
            Engine::Local(local) => local.lease(key, owner, ttl),
            Engine::Redis { remote, .. } => remote.lease(key, owner, ttl).await,
        }
    }

    /// Keeps a lease for another `ttl`; false when `owner` holds it no longer and must stop.
    pub async fn renew(&self, key: &Key, owner: &str, ttl: Duration) -> Result<bool> {
        match &*self.0 {
            Engine::Local(local) => local.renew(key, owner, ttl),
            Engine::Redis { remote, .. } => remote.renew(key, owner, ttl).await,
        }
    }

    /// Gives a lease back; false when `owner` did not hold it.
    pub async fn release(&self, key: &Key, owner: &str) -> Result<bool> {
        match &*self.0 {
            Engine::Local(local) => Ok(local.release(key, owner)),
            Engine::Redis { remote, .. } => remote.release(key, owner).await,
        }
    }
}

/// What is given instead of what Redis would have said.
fn degraded<T: Default>(operation: &'static str) -> T {
    metering::degraded(operation);
    T::default()
}
