use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use weft_fleet::roster;
use weft_testkit::Database;

use super::{ClusterOptions, Replica, servers::Servers, service::Service};

/// The variables that tell each process where the others are.
pub(super) struct Environment {
    binary: PathBuf,
    folder: PathBuf,
    shared: Vec<(String, String)>,
    fronts: Vec<(&'static str, String)>,
}

impl Environment {
    pub(super) fn new(
        options: &ClusterOptions,
        folder: &Path,
        servers: &Servers,
        database: &Database,
    ) -> Self {
        let mut shared = options.variables.clone();
        let files = folder.join("files").display().to_string();
        shared.extend(
            [
                ("WEFT_BUS__URL", servers.nats_url()),
                ("WEFT_BUS__REPLICAS", servers.brokers.len().to_string()),
                ("WEFT_CACHE__URL", servers.redis_url()),
                ("WEFT_STORE__URL", servers.postgres_url(&database.service_url)),
                ("WEFT_STORE__OWNER_URL", database.owner_url.clone()),
                ("WEFT_STORE__SYSTEM_URL", servers.postgres_url(&database.system_url)),
                ("WEFT_MEDIA__FOLDER", files),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        );
        Self { binary: options.binary.clone(), folder: folder.to_owned(), shared, fronts: Vec::new() }
    }

    /// Gives all processes the key that the first command has made: each has a data folder of its own.
    pub(super) fn share_key(&mut self) -> Result<()> {
        let file = self.folder.join("keys/key_encryption_key");
        let key = fs::read_to_string(&file).with_context(|| format!("no key in {}", file.display()))?;
        self.set("WEFT_AUTH__KEY_ENCRYPTION_KEY", key.trim());
        Ok(())
    }

    /// Tells everybody where the services are that others call, and each edge what it is called outside.
    pub(super) fn meet(&mut self, services: &[Service]) {
        for service in services {
            if let Some(rpc) = &service.rpc {
                let name = format!("WEFT_PEERS__{}", service.name.replace('-', "_").to_uppercase());
                self.set(&name, &format!("http://{}", rpc.address()));
            }
            self.fronts.push((service.name, format!("http://{}", service.http.address())));
        }
    }

    pub(super) fn binary(&self) -> &Path {
        &self.binary
    }

    /// Where a replica's log is.
    pub(super) fn log(&self, replica: &str) -> PathBuf {
        self.folder.join("logs").join(format!("{replica}.log"))
    }

    /// What a replica keeps for itself: its spool.
    pub(super) fn folder_of(&self, replica: &str) -> PathBuf {
        self.folder.join("replicas").join(replica)
    }

    /// For a command that ends.
    pub(super) fn of_command(&self) -> Vec<(String, String)> {
        let folder = ("WEFT_DATA__FOLDER".to_owned(), self.folder.display().to_string());
        self.shared.iter().cloned().chain([folder]).collect()
    }

    /// For a replica of a service.
    pub(super) fn of_replica(&self, service: &str, replica: &Replica) -> Vec<(String, String)> {
        let mut all = self.shared.clone();
        let mut set = |name: &str, value: String| all.push((name.to_owned(), value));
        set("WEFT_DATA__FOLDER", replica.folder.display().to_string());
        set("WEFT_RUN__LISTEN", replica.http.to_string());
        set("WEFT_RUN__ADMIN_LISTEN", replica.admin.to_string());
        set("WEFT_GATEWAY__LISTEN", replica.http.to_string());
        if let Some(rpc) = replica.rpc {
            set("WEFT_RUN__RPC_LISTEN", rpc.to_string());
        }
        if let Some((_, front)) = self.fronts.iter().find(|(name, _)| *name == service) {
            set("WEFT_GATEWAY__PUBLIC_URL", front.clone());
        }
        if let Some((_, front)) = self.fronts.iter().find(|(name, _)| *name == "media") {
            set("WEFT_MEDIA__PUBLIC_URL", front.clone());
        }
        all
    }

    fn set(&mut self, name: &str, value: &str) {
        self.shared.push((name.to_owned(), value.to_owned()));
    }
}

/// Whether other services call this one: the settings have a place for its address.
pub(super) fn is_called(service: &str) -> bool {
    let defaults: toml::Table = roster::defaults().join("\n").parse().unwrap_or_default();
    defaults["peers"].as_table().is_some_and(|peers| peers.contains_key(&service.replace('-', "_")))
}
