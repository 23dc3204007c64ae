use std::path::PathBuf;

use serde::Deserialize;
use url::Url;
use weft_domain::{Error, Result};

/// The defaults, documented line by line.
pub const DEFAULTS: &str = include_str!("../config.default.toml");

/// How this service is set up: the section `media`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the bytes are kept; all replicas share it.
    pub folder: PathBuf,
    /// The largest file, in bytes.
    pub max_file_bytes: u64,
    /// What links to files begin with; none: links are paths, to be resolved against the address the caller used.
    #[serde(deserialize_with = "weft_config::optional")]
    pub public_url: Option<Url>,
}

impl Config {
    /// Checks what the types cannot say.
    pub fn validate(&self) -> Result<()> {
        if self.max_file_bytes == 0 {
            return Err(Error::invalid_field("media.max_file_bytes", "must be at least 1"));
        }
        if self.folder.as_os_str().is_empty() {
            return Err(Error::invalid_field("media.folder", "must name a folder"));
        }
        let base = self.public_url.as_ref();
        if base.is_some_and(|url| url.cannot_be_a_base() || !matches!(url.scheme(), "http" | "https")) {
            return Err(Error::invalid_field("media.public_url", "must be like `https://files.example.org`"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_a_valid_configuration() {
        let mut loader = weft_config::Loader::from_parts(&[DEFAULTS], "", [], &[]).unwrap();
        let config: Config = loader.section("media").unwrap();
        loader.finish().unwrap();
        config.validate().unwrap();
        assert_eq!(config.max_file_bytes, 50 << 20);
        assert_eq!(config.public_url, None);
    }

    #[test]
    fn a_wrong_address_is_named() {
        let config = Config {
            folder: "files".into(),
            max_file_bytes: 1,
            public_url: Some("mailto:a@example.org".parse().unwrap()),
        };
        assert_eq!(config.validate().unwrap_err().field(), Some("media.public_url"));
    }
}
