use std::{net::SocketAddr, time::Duration};

use serde::Deserialize;
use url::Url;
use weft_cache::Quota;
use weft_domain::{Error, Result};

/// The defaults, documented line by line.
pub const DEFAULTS: &str = include_str!("../config.default.toml");

/// Sockets are sent away while the process waits to be left alone (5 s) and lets its intake end (12.5 s).
const LONGEST_GOODBYE_MS: u64 = 16_000;

/// How this service is set up: the section `gateway`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where it listens.
    pub listen: SocketAddr,
    /// What people outside call it.
    #[serde(deserialize_with = "weft_config::optional")]
    pub public_url: Option<Url>,
    /// How many proxies in front of it append to `X-Forwarded-For`.
    pub trusted_proxies: usize,
    /// Other origins whose pages may call.
    pub allowed_origins: Vec<String>,
    /// The largest JSON body.
    pub body_limit_bytes: usize,
    /// How long a service may take to answer, in milliseconds.
    pub call_timeout_ms: u64,
    /// How often one may call.
    pub rates: RatesConfig,
    /// The live sockets.
    pub live: LiveConfig,
}

/// How often one may call, by the class of `proto/`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RatesConfig {
    /// Sign-in, refresh, sign-out; by address.
    pub sign_in: Rate,
    /// Reads.
    pub read: Rate,
    /// Writes.
    pub write: Rate,
    /// Searches.
    pub search: Rate,
    /// Exports and reports.
    pub export: Rate,
}

/// `burst` at once, then `per_minute` evenly spread.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// How many a minute, evenly spread.
    pub per_minute: u32,
    /// How many at once.
    pub burst: u32,
}

impl Rate {
    pub(crate) fn quota(self) -> Quota {
        Quota::per_minute(self.per_minute, self.burst)
    }
}

/// Bounds of the live sockets.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LiveConfig {
    /// Sockets at the same time, in this process.
    pub sockets: usize,
    /// Of them, by one tenant.
    pub sockets_per_tenant: usize,
    /// Of them, by one user or API token.
    pub sockets_per_caller: usize,
    /// Conversations that one socket may name.
    pub conversations_per_socket: usize,
    /// How many of the newest events are kept in memory.
    pub ring_events: usize,
    /// And how many bytes of them.
    pub ring_bytes: usize,
    /// How many sockets may read older events from the bus at the same time.
    pub catch_ups: usize,
    /// A socket further behind than this is cut.
    pub lagging_events: usize,
    /// A socket that takes nothing for this long is cut, in milliseconds.
    pub lagging_ms: u64,
    /// How often a socket is asked whether it is there, in milliseconds.
    pub ping_ms: u64,
    /// A socket that says nothing for this long is cut, in milliseconds.
    pub idle_ms: u64,
    /// When stopping, sockets are sent away at random within this time, in milliseconds.
    pub goodbye_spread_ms: u64,
}

impl Config {
    /// Checks what the types cannot say.
    pub fn validate(&self) -> Result<()> {
        let url = self.public_url.as_ref();
        if url.is_some_and(|url| !url.has_host() || !matches!(url.scheme(), "http" | "https")) {
            return Err(fault("public_url", "must be like `https://chat.example.org`"));
        }
        if self.allowed_origins.iter().any(|origin| !is_origin(origin)) {
            return Err(fault("allowed_origins", "must be like `https://app.example.org`, without a path"));
        }
        let rates = &self.rates;
        let each = [rates.sign_in, rates.read, rates.write, rates.search, rates.export];
        if each.iter().any(|rate| rate.per_minute == 0 || rate.burst == 0) {
            return Err(fault("rates", "must be at least 1"));
        }
        let live = &self.live;
        let bounds = [
            ("body_limit_bytes", self.body_limit_bytes),
            ("live.sockets", live.sockets),
            ("live.sockets_per_tenant", live.sockets_per_tenant),
            ("live.sockets_per_caller", live.sockets_per_caller),
            ("live.conversations_per_socket", live.conversations_per_socket),
            ("live.ring_events", live.ring_events),
            ("live.ring_bytes", live.ring_bytes),
            ("live.catch_ups", live.catch_ups),
            ("live.lagging_events", live.lagging_events),
        ];
        let times = [
            ("call_timeout_ms", self.call_timeout_ms),
            ("live.lagging_ms", live.lagging_ms),
            ("live.ping_ms", live.ping_ms),
            ("live.idle_ms", live.idle_ms),
        ];
        let zeros = bounds.iter().filter(|(_, bound)| *bound == 0).map(|(key, _)| *key);
        if let Some(key) =
            zeros.chain(times.iter().filter(|(_, time)| *time == 0).map(|(key, _)| *key)).next()
        {
            return Err(fault(key, "must be at least 1"));
        }
        if live.goodbye_spread_ms > LONGEST_GOODBYE_MS {
            return Err(fault(
                "live.goodbye_spread_ms",
                "must be at most 16000, or stopping would not wait for it",
            ));
        }
        Ok(())
    }

    pub(crate) fn call_timeout(&self) -> Duration {
        Duration::from_millis(self.call_timeout_ms)
    }
}

impl LiveConfig {
    pub(crate) fn lagging(&self) -> Duration {
        Duration::from_millis(self.lagging_ms)
    }

    pub(crate) fn ping(&self) -> Duration {
        Duration::from_millis(self.ping_ms)
    }

    pub(crate) fn idle(&self) -> Duration {
        Duration::from_millis(self.idle_ms)
    }
}

fn fault(key: &str, problem: &str) -> Error {
    Error::invalid_field(&format!("gateway.{key}"), problem)
}

fn is_origin(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| url.origin().ascii_serialization() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(file: &str) -> Config {
        let mut loader = weft_config::Loader::from_parts(&[DEFAULTS], file, [], &[]).unwrap();
        let config: Config = loader.section("gateway").unwrap();
        loader.finish().unwrap();
        config
    }

    #[test]
    fn the_defaults_are_a_valid_configuration() {
        let defaults = config("");
        defaults.validate().unwrap();
        assert_eq!((defaults.listen.port(), defaults.public_url.is_none()), (8080, true));
    }

    #[test]
    fn a_wrong_value_is_named() {
        for (file, key) in [
            ("public_url = \"mailto:a@example.org\"", "gateway.public_url"),
            ("allowed_origins = [\"https://app.example.org/\"]", "gateway.allowed_origins"),
            ("live.ring_events = 0", "gateway.live.ring_events"),
            ("live.goodbye_spread_ms = 20000", "gateway.live.goodbye_spread_ms"),
            ("rates.read.burst = 0", "gateway.rates"),
        ] {
            let error = config(&format!("[gateway]\n{file}")).validate().unwrap_err();
            assert_eq!(error.field(), Some(key));
        }
    }
}
