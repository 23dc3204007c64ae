use std::{net::SocketAddr, path::PathBuf};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use weft_channel::HostConfig;
use weft_config::{Entry, Faults, Loader};

use crate::roster;

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
    /// `text` or `json`.
    pub format: String,
    /// What is logged.
    pub filter: String,
    /// Where traces go.
    #[serde(deserialize_with = "weft_config::optional")]
    pub otlp: Option<String>,
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
    /// Certificates that sign the server's.
    #[serde(deserialize_with = "weft_config::optional")]
    pub ca_file: Option<PathBuf>,
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

/// This process.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Where a process without the gateway listens.
    pub listen: SocketAddr,
    /// Where other processes reach this one's services.
    #[serde(deserialize_with = "weft_config::optional")]
    pub rpc_listen: Option<SocketAddr>,
    /// How long to wait for load balancers when stopping.
    pub stop_notice_secs: u64,
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
            store: loader.section("store")?,
            cache: loader.section("cache")?,
            auth: loader.section("auth")?,
            http: loader.section("http")?,
            bootstrap: loader.section("bootstrap")?,
            run: loader.section("run")?,
            peers: loader.section("peers")?,
            gateway: loader.section("gateway")?,
            directory: loader.section("directory")?,
            conversation: loader.section("conversation")?,
            media: loader.section("media")?,
            webchat: loader.section("channel_webchat")?,
        };
        settings.directory.check(&mut loader);
        if !matches!(settings.log.format.as_str(), "text" | "json") {
            loader.fault("log.format", "must be `text` or `json`");
        }
        if settings.auth.fleet_secret.as_ref().is_some_and(|secret| secret.expose_secret().len() < 32) {
            loader.fault("auth.fleet_secret", "must be at least 32 characters long");
        }
        if let Err(error) = settings.gateway.validate() {
            loader.fault(error.field().unwrap_or("gateway"), error.message());
        }
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
    }

    /// Whether all state is in the data folder, so that one process has it for itself.
    pub fn is_embedded(&self) -> bool {
        self.bus.url.is_none()
    }

    pub(crate) fn bus_settings(&self) -> weft_bus::Settings {
        weft_bus::Settings {
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
