use std::net::{IpAddr, Ipv6Addr};

use weft_cache::{Cache, Key, Quota};
use weft_domain::{Error, Result};

use crate::{Config, room::Room};

/// How much one address and one visitor may ask for.
#[derive(Clone)]
pub(crate) struct Gate {
    cache: Cache,
    sessions: Quota,
    requests: Quota,
    messages: Quota,
    frames: Quota,
    files: Quota,
}

impl Gate {
    pub(crate) fn new(cache: Cache, config: &Config) -> Self {
        // half a minute's worth may come at once: pages load and reload
        let quota = |per_minute: u32| Quota::per_minute(per_minute, per_minute.div_ceil(2));
        Self {
            cache,
            sessions: quota(config.sessions_per_minute),
            requests: quota(config.requests_per_minute),
            messages: quota(config.messages_per_minute),
            frames: quota(config.frames_per_minute),
            files: quota(config.files_per_minute),
        }
    }

    /// Counts a request of an address, before anything is looked up.
    pub(crate) async fn request(&self, address: IpAddr) -> Result<()> {
        self.count(&Key::global("webchat-requests", &[&network(address)]), self.requests).await
    }

    /// Counts a session opened from an address.
    pub(crate) async fn session(&self, address: IpAddr) -> Result<()> {
        self.count(&Key::global("webchat-sessions", &[&network(address)]), self.sessions).await
    }

    /// Counts a message of a visitor.
    pub(crate) async fn message(&self, room: &Room) -> Result<()> {
        self.count(&of_visitor("webchat-messages", room), self.messages).await
    }

    /// Counts a frame of a visitor's sockets.
    pub(crate) async fn frame(&self, room: &Room) -> Result<()> {
        self.count(&of_visitor("webchat-frames", room), self.frames).await
    }

    /// Counts a file of a visitor.
    pub(crate) async fn file(&self, room: &Room) -> Result<()> {
        self.count(&of_visitor("webchat-files", room), self.files).await
    }

    async fn count(&self, key: &Key, quota: Quota) -> Result<()> {
        let decision = self.cache.rate_limit(key, quota).await;
        if decision.allowed { Ok(()) } else { Err(Error::throttled(decision.retry_after)) }
    }
}

fn of_visitor(kind: &str, room: &Room) -> Key {
    Key::tenant(&room.tenant, kind, &[&room.channel.to_string(), &room.visitor.to_string()])
}

/// One household has one /64 of IPv6 addresses.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).to_string(),
    }
}
