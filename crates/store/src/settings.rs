use std::{path::PathBuf, time::Duration};

use secrecy::SecretString;
use serde::Deserialize;

/// Where a service keeps its rows.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// `sqlite:<folder>` (one file per service) or `postgres://…` (one schema per service), as the service's role.
    pub url: SecretString,
    /// PostgreSQL: the same database as the role that owns the tables. Empty: `url`.
    pub owner_url: SecretString,
    /// PostgreSQL: the same database as the role for work across tenants. Empty: `url`.
    pub system_url: SecretString,
    /// PostgreSQL: PEM file with the certificates that sign the server's; with it the server has to prove its name. Empty:
    /// as `sslmode` in the URLs says.
    pub ca_file: PathBuf,
    /// PostgreSQL: PEM file with our client certificate; goes with `key_file`. Empty: none.
    pub cert_file: PathBuf,
    /// PostgreSQL: PEM file with our client certificate's key.
    pub key_file: PathBuf,
    /// The most connections one replica holds.
    pub max_connections: u32,
    /// How long one statement may take, in milliseconds.
    pub statement_timeout_ms: u64,
}

impl Settings {
    /// A store in SQLite files under `folder`.
    pub fn sqlite(folder: &std::path::Path) -> Self {
        Self {
            url: format!("sqlite:{}", folder.display()).into(),
            owner_url: String::new().into(),
            system_url: String::new().into(),
            ca_file: PathBuf::new(),
            cert_file: PathBuf::new(),
            key_file: PathBuf::new(),
            max_connections: 4,
            statement_timeout_ms: 2_000,
        }
    }

    /// A store in a PostgreSQL database, by its three roles.
    pub fn postgres(service: &str, owner: &str, system: &str) -> Self {
        Self {
            url: service.into(),
            owner_url: owner.into(),
            system_url: system.into(),
            ca_file: PathBuf::new(),
            cert_file: PathBuf::new(),
            key_file: PathBuf::new(),
            max_connections: 10,
            statement_timeout_ms: 2_000,
        }
    }

    pub(crate) fn statement_timeout(&self) -> Duration {
        Duration::from_millis(self.statement_timeout_ms)
    }
}
