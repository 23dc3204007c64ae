use std::{path::PathBuf, time::Duration};

use serde::Deserialize;
use weft_domain::id::ChannelId;

/// How a host runs.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HostConfig {
    /// Where the internet reaches us, like `https://chat.example.org`; empty: providers that can be polled are.
    pub public_url: Option<String>,
    /// Where this machine reaches us, for providers that run on it: simulators, mostly.
    pub listen_url: Option<String>,
    /// Where calls are kept while the bus is away, for providers that do not come back; on a disk that stays.
    pub spool_folder: PathBuf,
    /// How much may be kept there.
    pub spool_max_bytes: u64,
    /// How long we may be down in the worst case: who redelivers for at least as long is asked to come back.
    pub worst_outage_secs: u64,
    /// The largest file taken from a contact.
    pub max_media_bytes: u64,
    /// How many orders of one account are carried out at once.
    pub orders_per_account: usize,
    /// How much memory the files of messages that are being sent may take.
    pub file_memory_bytes: u64,
}

const MIB: u64 = 1024 * 1024;

impl Default for HostConfig {
    fn default() -> Self {
        Self {
            public_url: None,
            listen_url: None,
            spool_folder: PathBuf::from("data/spool"),
            spool_max_bytes: 256 * MIB,
            worst_outage_secs: 3600,
            max_media_bytes: 50 * MIB,
            orders_per_account: 16,
            file_memory_bytes: 256 * MIB,
        }
    }
}

impl HostConfig {
    pub(crate) fn worst_outage(&self) -> Duration {
        Duration::from_secs(self.worst_outage_secs)
    }

    /// Where the provider reaches a channel's webhook; `near`: it runs on this machine.
    pub(crate) fn webhook_url(&self, kind: &str, channel_id: &ChannelId, near: bool) -> Option<String> {
        let base = self.base_for(near)?;
        Some(format!("{base}/hooks/{kind}/{channel_id}"))
    }

    /// Where the provider reaches us.
    pub(crate) fn base_for(&self, near: bool) -> Option<&str> {
        let listens = Self::base(self.listen_url.as_ref()).filter(|_| near);
        Self::base(self.public_url.as_ref()).or(listens)
    }

    /// An address without the slash at its end; none when empty.
    fn base(url: Option<&String>) -> Option<&str> {
        url.map(|url| url.trim_end_matches('/')).filter(|url| !url.is_empty())
    }
}
