use std::{path::PathBuf, time::Duration};

/// How to use a Redis.
#[derive(Clone)]
pub struct RedisSettings {
    /// `redis://[user:password@]host:port[/database]`, or `rediss://…` for TLS.
    pub url: String,
    /// PEM file with the certificates that sign the server's. None: those the system trusts.
    pub ca_file: Option<PathBuf>,
    /// PEM file with our client certificate; goes with `key_file`.
    pub cert_file: Option<PathBuf>,
    /// PEM file with our client certificate's key.
    pub key_file: Option<PathBuf>,
    /// How long to wait for an answer before doing without.
    pub timeout: Duration,
    /// How many processes share it; while it is away each allows its share of a rate.
    pub replicas: u32,
}

impl RedisSettings {
    /// Waits 100 ms, brings no certificates, and knows of no other process.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            ca_file: None,
            cert_file: None,
            key_file: None,
            timeout: Duration::from_millis(100),
            replicas: 1,
        }
    }
}
