use std::path::PathBuf;

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use url::Url;
use weft_domain::{Error, Result};

use crate::scanner::Address;

/// The defaults, documented line by line.
pub const DEFAULTS: &str = include_str!("../config.default.toml");

/// How this service is set up: the section `media`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the bytes are kept.
    pub storage: Storage,
    /// The folder on a disk; all replicas share it.
    pub folder: PathBuf,
    /// The bucket.
    pub s3: S3,
    /// The largest file, in bytes.
    pub max_file_bytes: u64,
    /// How much the files of one tenant may take, in bytes; 0: as much as there is room.
    pub quota_bytes: u64,
    /// Who looks for what is harmful.
    pub scanner: Scanner,
    /// How smaller pictures are made.
    pub previews: Previews,
    /// What links to files begin with; none: links are paths, to be resolved against the address the caller used.
    #[serde(deserialize_with = "weft_config::optional")]
    pub public_url: Option<Url>,
}

/// Where bytes are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Storage {
    /// In a folder.
    Local,
    /// In a bucket of S3, or of what speaks like it.
    S3,
}

/// A bucket, and how we sign in there.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct S3 {
    /// Its name.
    pub bucket: String,
    /// Its region.
    pub region: String,
    /// Its address; none: that of the region.
    #[serde(deserialize_with = "weft_config::optional")]
    pub endpoint: Option<Url>,
    /// Whether the bucket's name is part of the host's.
    pub virtual_hosted: bool,
    /// Who we are.
    pub access_key_id: SecretString,
    /// What proves it.
    pub secret_access_key: SecretString,
}

/// clamd, which looks for what is harmful.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scanner {
    /// Where it listens; empty: files are not looked into.
    pub address: String,
    /// How many files it is given at the same time.
    pub at_once: usize,
    /// How long one may take.
    pub timeout_seconds: u64,
}

/// What making smaller pictures may take.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Previews {
    /// How many are made at the same time; 0: none are made.
    pub at_once: usize,
    /// The largest file that is looked at, in bytes.
    pub max_source_bytes: u64,
    /// The largest image.
    pub max_pixels: u64,
    /// How much memory one may take.
    pub memory_mib: u64,
    /// How much processor time, in seconds.
    pub seconds: u64,
}

impl S3 {
    fn validate(&self) -> Result<()> {
        let missing = |name: &str| Err(Error::invalid_field(name, "must be set where files are in a bucket"));
        if self.bucket.is_empty() {
            return missing("media.s3.bucket");
        }
        if self.region.is_empty() {
            return missing("media.s3.region");
        }
        if self.access_key_id.expose_secret().is_empty() {
            return missing("media.s3.access_key_id");
        }
        if self.secret_access_key.expose_secret().is_empty() {
            return missing("media.s3.secret_access_key");
        }
        Ok(())
    }
}

impl Config {
    /// Checks what the types cannot say.
    pub fn validate(&self) -> Result<()> {
        if self.max_file_bytes == 0 {
            return Err(Error::invalid_field("media.max_file_bytes", "must be at least 1"));
        }
        match self.storage {
            Storage::Local if self.folder.as_os_str().is_empty() => {
                return Err(Error::invalid_field("media.folder", "must name a folder"));
            }
            Storage::Local => {}
            Storage::S3 => self.s3.validate()?,
        }
        let address = self.scanner.address.as_str();
        if !address.is_empty() && Address::read(address).is_none() {
            let words = "must be like `tcp://clamd:3310` or `unix:/run/clamav/clamd.ctl`";
            return Err(Error::invalid_field("media.scanner.address", words));
        }
        if self.scanner.at_once == 0 {
            return Err(Error::invalid_field("media.scanner.at_once", "must be at least 1"));
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

    fn defaults() -> Config {
        let mut loader = weft_config::Loader::from_parts(&[DEFAULTS], "", [], &[]).unwrap();
        let config = loader.section("media").unwrap();
        loader.finish().unwrap();
        config
    }

    #[test]
    fn the_defaults_are_a_valid_configuration() {
        let config = defaults();
        config.validate().unwrap();
        assert_eq!(config.max_file_bytes, 2 << 30);
        assert_eq!(config.public_url, None);
    }

    #[test]
    fn a_wrong_address_is_named() {
        let config = Config { public_url: Some("mailto:a@example.org".parse().unwrap()), ..defaults() };
        assert_eq!(config.validate().unwrap_err().field(), Some("media.public_url"));
    }

    #[test]
    fn a_bucket_needs_its_name_and_keys() {
        let mut config = Config { storage: Storage::S3, ..defaults() };
        assert_eq!(config.validate().unwrap_err().field(), Some("media.s3.bucket"));
        config.s3.bucket = "files".to_owned();
        assert_eq!(config.validate().unwrap_err().field(), Some("media.s3.access_key_id"));
        config.s3.access_key_id = "id".into();
        config.s3.secret_access_key = "secret".into();
        config.validate().unwrap();
    }
}
