use std::{
    net::{IpAddr, Ipv6Addr},
    time::Duration,
};

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
    address_mb_per_day: u32,
    channel_mb_per_day: u32,
}

const MB: u64 = 1 << 20;
const DAY: Duration = Duration::from_secs(86_400);

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
            address_mb_per_day: config.address_mb_per_day,
            channel_mb_per_day: config.channel_mb_per_day,
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

    /// Counts the bytes of a file of an address, and of its channel: visitors cost nothing, a disk does.
    pub(crate) async fn bytes(&self, room: &Room, address: IpAddr, bytes: u64) -> Result<()> {
        let of_address = Key::global("webchat-bytes", &[&network(address)]);
        self.count(&of_address, megabytes(bytes, self.address_mb_per_day)).await?;
        let of_channel = Key::tenant(&room.tenant, "webchat-bytes", &[&room.channel.to_string()]);
        self.count(&of_channel, megabytes(bytes, self.channel_mb_per_day)).await
    }

    async fn count(&self, key: &Key, quota: Quota) -> Result<()> {
        let decision = self.cache.rate_limit(key, quota).await;
        if decision.allowed { Ok(()) } else { Err(Error::throttled(decision.retry_after)) }
    }
}

/// So many bytes of a day's: half of it may come at once, and the rest of the last file. Files of all sizes count together.
fn megabytes(bytes: u64, per_day: u32) -> Quota {
    let size = u32::try_from(bytes.div_ceil(MB).max(1)).unwrap_or(u32::MAX);
    Quota::new(1, (DAY / per_day.max(1)).saturating_mul(size), per_day.div_ceil(2).div_ceil(size))
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

#[cfg(test)]
mod tests {
    use weft_domain::id;

    use super::*;

    #[tokio::test]
    async fn large_and_small_files_share_the_bytes_of_a_day() {
        let key = Key::tenant(&id::new(), "bytes", &[]);
        let cache = Cache::in_process(1 << 20);
        let takes = async |bytes: u64| cache.rate_limit(&key, megabytes(bytes, 100)).await.allowed;
        // 50 of them at once
        assert!(takes(20 * MB).await && takes(1).await && takes(20 * MB).await);
        assert!(!takes(20 * MB).await && !takes(10 * MB).await);
        assert!(takes(8 * MB).await && takes(1).await);
        assert!(!takes(1).await);
    }
}
