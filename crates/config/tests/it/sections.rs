use std::{collections::BTreeMap, net::SocketAddr, num::NonZeroU16};

use secrecy::SecretString;
use serde::Deserialize;
use weft_config::{Faults, Loader};

pub(crate) const GATEWAY: &str = r#"
[gateway]
# Where it listens.
listen = "127.0.0.1:8080"
# How many proxies in front of it are trusted.
trusted_hops = 0
# Whether callers come over https.
https = false
# Who may call from a browser.
origins = ["https://console.example"]
# Signs sessions.
session_key = "from-the-defaults"
# Where large files go; unset means the database.
files_url = ""
# At most so many at a time; unset means no bound.
most = ""
# Added to every answer; any names.
headers = {}
# A word of its own.
seed = "default-seed" # secret

[gateway.limits]
# Connections at the same time.
connections = 1000
ratio = 0.5
"#;

pub(crate) const STORE: &str = r#"
[store]
url = "postgres://weft:pw-in-url@localhost/weft"
"#;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Gateway {
    pub(crate) listen: SocketAddr,
    pub(crate) trusted_hops: u8,
    pub(crate) https: bool,
    pub(crate) origins: Vec<String>,
    pub(crate) session_key: SecretString,
    #[serde(deserialize_with = "weft_config::optional")]
    pub(crate) files_url: Option<String>,
    #[serde(deserialize_with = "weft_config::optional")]
    pub(crate) most: Option<NonZeroU16>,
    pub(crate) headers: BTreeMap<String, String>,
    #[expect(dead_code, reason = "only its masking matters")]
    pub(crate) seed: SecretString,
    pub(crate) limits: GatewayLimits,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GatewayLimits {
    pub(crate) connections: u32,
    pub(crate) ratio: f64,
}

pub(crate) fn loader(file: &str, environment: &[(&str, &str)]) -> Result<Loader, Faults> {
    let variables = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Loader::from_parts(&[GATEWAY, STORE], file, variables, &["WEFT_TOKEN", "WEFT_TEST_*"])
}
