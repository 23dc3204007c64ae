use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use weft_channel::HostConfig;
use weft_config::{Entry, Faults, Loader};

use crate::{nats::inbox_prefix, roster};

mod certificates;
mod reader;
mod run;

pub use reader::Reader;
use run::Run;

/// The sections that belong to the process rather than to one service.
pub(crate) const DEFAULTS: &str = include_str!("../config.default.toml");

/// Variables beginning with `WEFT_` that are not configuration.
const NOT_CONFIGURATION: &[&str] = &["WEFT_TEST_*", "WEFT_TOKEN", "WEFT_URL", "WEFT_CONFIG", "WEFT_BENCH_*"];

/// Everything a process is set up with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where things are kept.
    pub data: Data,
    /// What is logged.
    pub log: Log,
    /// The bus.
    pub bus: Bus,
    /// Programs outside that read events, by name.
    pub readers: BTreeMap<String, Reader>,
    /// The databases.
    pub store: weft_store::Settings,
    /// The cache.
    pub cache: Cache,
    /// Secrets of the fleet.
    pub auth: Auth,
    /// Calls to providers.
    pub http: Http,
    /// The first admin.
    pub bootstrap: Bootstrap,
    /// This process.
    pub run: Run,
    /// Certificates for calls between processes.
    pub rpc: Rpc,
    /// Other processes.
    pub peers: Peers,
    /// The gateway.
    pub gateway: weft_gateway::Config,
    /// The directory.
    pub directory: weft_directory::Config,
    /// The conversation service.
    pub conversation: weft_conversation::Config,
    /// The media service.
    pub media: weft_media::Config,
    /// The automation service.
    pub automation: weft_automation::Config,
    /// The analytics service.
    pub analytics: weft_analytics::Config,
    /// The audit log.
    pub compliance: weft_compliance::Config,
    /// What could not be handled.
    pub dead_letters: weft_dead_letters::Config,
    /// Speech.
    pub voice: weft_voice::Config,
    /// The web chat.
    pub webchat: weft_channel_webchat::Config,
}

/// Where things are kept.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// The folder.
    pub folder: PathBuf,
}

/// What is logged, and where traces go.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// `auto`, `text` or `json`.
    pub format: String,
    /// What is logged.
    pub filter: String,
    /// Where traces go.
    #[serde(deserialize_with = "weft_config::optional")]
    pub otlp: Option<String>,
    /// Whether metrics go there too.
    pub otlp_metrics: bool,
    /// The share of traces that are kept.
    pub sample_ratio: f64,
}

/// The bus.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bus {
    /// Its address; none: embedded.
    #[serde(deserialize_with = "weft_config::optional")]
    pub url: Option<String>,
    /// NATS user.
    #[serde(deserialize_with = "weft_config::optional")]
    pub user: Option<String>,
    /// NATS password.
    #[serde(deserialize_with = "weft_config::optional")]
    pub password: Option<SecretString>,
    /// Seed of the process's NATS key.
    #[serde(deserialize_with = "weft_config::optional")]
    pub nkey: Option<SecretString>,
    /// File that holds the seed.
    #[serde(deserialize_with = "weft_config::optional")]
    pub nkey_file: Option<PathBuf>,
    /// Certificates that sign the server's.
    #[serde(deserialize_with = "weft_config::optional")]
    pub ca_file: Option<PathBuf>,
    /// Our client certificate.
    #[serde(deserialize_with = "weft_config::optional")]
    pub cert_file: Option<PathBuf>,
    /// Its key.
    #[serde(deserialize_with = "weft_config::optional")]
    pub key_file: Option<PathBuf>,
    /// Copies of each stream.
    pub replicas: usize,
}

/// The cache.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cache {
    /// Its address; none: in this process.
    #[serde(deserialize_with = "weft_config::optional")]
    pub url: Option<SecretString>,
    /// Certificates that sign the server's.
    #[serde(deserialize_with = "weft_config::optional")]
    pub ca_file: Option<PathBuf>,
    /// Our client certificate.
    #[serde(deserialize_with = "weft_config::optional")]
    pub cert_file: Option<PathBuf>,
    /// Its key.
    #[serde(deserialize_with = "weft_config::optional")]
    pub key_file: Option<PathBuf>,
}

/// Secrets of the fleet.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// What services prove themselves with.
    #[serde(deserialize_with = "weft_config::optional")]
    pub fleet_secret: Option<SecretString>,
    /// What wraps all other keys.
    #[serde(deserialize_with = "weft_config::optional")]
    pub key_encryption_key: Option<SecretString>,
}

/// Calls to providers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// Whether providers may live at private addresses.
    pub allow_private: bool,
}

/// The first admin.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bootstrap {
    /// The password.
    #[serde(deserialize_with = "weft_config::optional")]
    pub admin_password: Option<SecretString>,
}

/// The certificates for calls between processes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rpc {
    /// Certificates that sign the fleet's.
    #[serde(deserialize_with = "weft_config::optional")]
    pub ca_file: Option<PathBuf>,
    /// Our own.
    #[serde(deserialize_with = "weft_config::optional")]
    pub cert_file: Option<PathBuf>,
    /// Its key.
    #[serde(deserialize_with = "weft_config::optional")]
    pub key_file: Option<PathBuf>,
}

/// Where services of other processes are.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peers {
    /// The directory.
    pub directory: String,
    /// The conversation service.
    pub conversation: String,
    /// The media service.
    pub media: String,
    /// The automation service.
    pub automation: String,
    /// The analytics service.
    pub analytics: String,
    /// The audit log.
    pub compliance: String,
    /// What could not be handled.
    pub dead_letters: String,
    /// Speech.
    pub voice: String,
}

impl Settings {
    /// Reads the file, if there is one, and the environment. All faults come at once.
    pub fn load(file: Option<&std::path::Path>) -> Result<Self, Faults> {
        Self::read(Loader::new(&roster::defaults(), file, NOT_CONFIGURATION)?).map(|(settings, _)| settings)
    }

    /// Like `load`, with every value in force and where it came from.
    pub fn load_described(file: Option<&std::path::Path>) -> Result<(Self, Vec<Entry>), Faults> {
        Self::read(Loader::new(&roster::defaults(), file, NOT_CONFIGURATION)?)
    }

    /// Settings from a text and variables alone, for tests.
    pub fn from_parts(text: &str, variables: Vec<(String, String)>) -> Result<Self, Faults> {
        let loader = Loader::from_parts(&roster::defaults(), text, variables, NOT_CONFIGURATION)?;
        Self::read(loader).map(|(settings, _)| settings)
    }

    fn read(mut loader: Loader) -> Result<(Self, Vec<Entry>), Faults> {
        let mut settings = Self {
            data: loader.section("data")?,
            log: loader.section("log")?,
            bus: loader.section("bus")?,
            readers: loader.section("readers")?,
            store: loader.section("store")?,
            cache: loader.section("cache")?,
            auth: loader.section("auth")?,
            http: loader.section("http")?,
            bootstrap: loader.section("bootstrap")?,
            run: loader.section("run")?,
            rpc: loader.section("rpc")?,
            peers: loader.section("peers")?,
            gateway: loader.section("gateway")?,
            directory: loader.section("directory")?,
            conversation: loader.section("conversation")?,
            media: loader.section("media")?,
            automation: loader.section("automation")?,
            analytics: loader.section("analytics")?,
            compliance: loader.section("compliance")?,
            dead_letters: loader.section("dead_letters")?,
            voice: loader.section("voice")?,
            webchat: loader.section("channel_webchat")?,
        };
        settings.directory.check(&mut loader);
        settings.compliance.check(&mut loader);
        settings.dead_letters.check(&mut loader);
        settings.voice.check(&mut loader);
        if !matches!(settings.log.format.as_str(), "auto" | "text" | "json") {
            loader.fault("log.format", "must be `auto`, `text` or `json`");
        }
        if settings.auth.fleet_secret.as_ref().is_some_and(|secret| secret.expose_secret().len() < 32) {
            loader.fault("auth.fleet_secret", "must be at least 32 characters long");
        }
        if let Err(error) = settings.automation.validate() {
            loader.fault(error.field().unwrap_or("automation"), error.message());
        }
        if let Err(error) = settings.gateway.validate() {
            loader.fault(error.field().unwrap_or("gateway"), error.message());
        }
        settings.run.check(&mut loader);
        settings.check_certificates(&mut loader);
        reader::check(&settings.readers, &mut loader);
        settings.fill();
        let entries = loader.describe();
        loader.finish()?;
        Ok((settings, entries))
    }

    /// What follows from other settings when it is not said.
    fn fill(&mut self) {
        if self.store.url.expose_secret().is_empty() {
            self.store.url = format!("sqlite:{}", self.data.folder.display()).into();
        }
        if self.directory.public_url.is_empty()
            && let Some(url) = &self.gateway.public_url
        {
            self.directory.public_url = url.as_str().trim_end_matches('/').to_owned();
        }
        if self.media.public_url.is_none() {
            self.media.public_url.clone_from(&self.gateway.public_url);
        }
        if self.media.folder == std::path::Path::new("./data/files") {
            self.media.folder = self.data.folder.join("files");
        }
        if self.compliance.checkpoint_folder == std::path::Path::new("./data/audit-checkpoints") {
            self.compliance.checkpoint_folder = self.data.folder.join("audit-checkpoints");
        }
    }

    /// Whether all state is in the data folder, so that one process has it for itself.
    pub fn is_embedded(&self) -> bool {
        self.bus.url.is_none()
    }

    /// The bus as the process of this name uses it.
    pub(crate) fn bus_settings(&self, name: &str) -> weft_bus::Settings {
        weft_bus::Settings {
            name: name.to_owned(),
            inbox_prefix: Some(inbox_prefix(name)),
            nkey: self.bus.nkey.clone(),
            nkey_file: self.bus.nkey_file.clone(),
            cert_file: self.bus.cert_file.clone(),
            key_file: self.bus.key_file.clone(),
            url: self
                .bus
                .url
                .clone()
                .unwrap_or_else(|| format!("embedded:{}", self.data.folder.join("bus").display())),
            user: self.bus.user.clone(),
            password: self.bus.password.clone(),
            ca_file: self.bus.ca_file.clone(),
            replicas: self.bus.replicas,
            ..weft_bus::Settings::default()
        }
    }

    /// The readers outside, as the bus knows them.
    pub(crate) fn outside_readers(&self) -> Vec<weft_bus::OutsideReader> {
        self.readers.iter().map(|(name, reader)| reader.of_bus(name)).collect()
    }

    pub(crate) fn cache_settings(&self) -> Option<weft_cache::RedisSettings> {
        let url = self.cache.url.as_ref()?;
        Some(weft_cache::RedisSettings {
            ca_file: self.cache.ca_file.clone(),
            cert_file: self.cache.cert_file.clone(),
            key_file: self.cache.key_file.clone(),
            ..weft_cache::RedisSettings::new(url.expose_secret())
        })
    }

    /// The certificates for calls between processes, if there are any.
    pub(crate) fn rpc_tls(&self) -> weft_domain::Result<Option<weft_rpc::Tls>> {
        let Rpc { ca_file: Some(ca), cert_file: Some(cert), key_file: Some(key) } = &self.rpc else {
            return Ok(None);
        };
        weft_rpc::Tls::read(ca, cert, key).map(Some)
    }

    pub(crate) fn host_config(&self, listen: SocketAddr) -> HostConfig {
        HostConfig {
            public_url: self
                .gateway
                .public_url
                .as_ref()
                .map(|url| url.as_str().trim_end_matches('/').to_owned()),
            listen_url: Some(format!("http://{listen}")),
            spool_folder: self.data.folder.join("spool"),
            ..HostConfig::default()
        }
    }
}
