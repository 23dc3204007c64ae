use std::{path::PathBuf, time::Duration};

use secrecy::SecretString;
use serde::Deserialize;

use crate::Stream;

/// How to reach the bus, and how much it may hold.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// `nats://host:port` (several, separated by commas), `tls://…`, or `embedded:<folder>`.
    pub url: String,
    /// What the server's operators see this client as.
    pub name: String,
    /// NATS user.
    pub user: Option<String>,
    /// NATS user's password.
    pub password: Option<SecretString>,
    /// NATS token, instead of user and password.
    pub token: Option<SecretString>,
    /// Seed of our NATS key (`SU…`), instead of all of these.
    pub nkey: Option<SecretString>,
    /// File that holds the seed; `nkey` comes first.
    pub nkey_file: Option<PathBuf>,
    /// What the subjects of answers to us begin with, instead of `_INBOX`, so that nobody else may listen to them.
    pub inbox_prefix: Option<String>,
    /// PEM file with the certificates that sign the server's.
    pub ca_file: Option<PathBuf>,
    /// PEM file with our client certificate; goes with `key_file`.
    pub cert_file: Option<PathBuf>,
    /// PEM file with our client certificate's key.
    pub key_file: Option<PathBuf>,
    /// Copies of each stream in a NATS cluster.
    pub replicas: usize,
    /// What each stream may hold.
    pub limits: Limits,
    /// How long to look for the server at start.
    pub connect_timeout_ms: u64,
    /// How long one publish may take, waiting in the queue included.
    pub publish_timeout_ms: u64,
    /// How many events may wait to be written before publishing is refused.
    pub queue_events: usize,
    /// How many bytes may wait to be written before publishing is refused.
    pub queue_bytes: usize,
}

/// What each stream may hold.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Stream `IN`; keep no age here: what is not handled must not vanish.
    #[serde(rename = "in")]
    pub inbound: Limit,
    /// Stream `OUT`; keep no age here either.
    #[serde(rename = "out")]
    pub outbound: Limit,
    /// Stream `EVENTS`: how far back a client or a new consumer can read.
    pub events: Limit,
    /// Stream `AUDIT`; keep no age here: who did what must not vanish.
    pub audit: Limit,
    /// Stream `LOG`: how much of the channel log waits for the directory.
    pub log: Limit,
    /// The dead letters.
    pub dead: Limit,
}

/// What one stream may hold. A full stream refuses what is new and throws nothing away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limit {
    /// Bytes.
    pub max_bytes: u64,
    /// Age in seconds after which events go; 0 keeps them.
    pub max_age_secs: u64,
}

const MIB: u64 = 1024 * 1024;
const DAY_SECS: u64 = 24 * 3600;

impl Default for Limits {
    fn default() -> Self {
        Self {
            inbound: Limit { max_bytes: 2048 * MIB, max_age_secs: 0 },
            outbound: Limit { max_bytes: 2048 * MIB, max_age_secs: 0 },
            events: Limit { max_bytes: 4096 * MIB, max_age_secs: 3 * DAY_SECS },
            audit: Limit { max_bytes: 4096 * MIB, max_age_secs: 0 },
            log: Limit { max_bytes: 256 * MIB, max_age_secs: DAY_SECS },
            dead: Limit { max_bytes: 512 * MIB, max_age_secs: 0 },
        }
    }
}

impl Limits {
    pub(crate) fn of(&self, stream: Stream) -> Limit {
        match stream {
            Stream::In => self.inbound,
            Stream::Out => self.outbound,
            Stream::Events => self.events,
            Stream::Audit => self.audit,
            Stream::Log => self.log,
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            url: "embedded:data/bus".into(),
            name: "weft".into(),
            user: None,
            password: None,
            token: None,
            nkey: None,
            nkey_file: None,
            inbox_prefix: None,
            ca_file: None,
            cert_file: None,
            key_file: None,
            replicas: 1,
            limits: Limits::default(),
            connect_timeout_ms: 10_000,
            publish_timeout_ms: 2_000,
            queue_events: 8_192,
            queue_bytes: 64 * 1024 * 1024,
        }
    }
}

impl Settings {
    /// The defaults, at `url`.
    pub fn at(url: impl Into<String>) -> Self {
        Self { url: url.into(), ..Self::default() }
    }

    pub(crate) fn embedded_folder(&self) -> Option<PathBuf> {
        self.url.strip_prefix("embedded:").map(PathBuf::from)
    }

    pub(crate) fn connect_timeout(&self) -> Duration {
        Duration::from_millis(self.connect_timeout_ms)
    }

    pub(crate) fn publish_timeout(&self) -> Duration {
        Duration::from_millis(self.publish_timeout_ms)
    }
}
