use std::{path::PathBuf, time::Duration};

use serde::Deserialize;
use weft_config::Loader;

/// The defaults, documented line by line.
pub const DEFAULTS: &str = include_str!("../config.default.toml");

/// The settings of section `compliance`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where signed checkpoints are kept.
    pub checkpoint_folder: PathBuf,
    /// How old what no checkpoint covers may become.
    pub checkpoint_seconds: u32,
    /// After so many entries a checkpoint is written at once.
    pub checkpoint_entries: u32,
}

impl Config {
    /// Reports what the types cannot say to the loader.
    pub fn check(&self, loader: &mut Loader) {
        let positive = [
            ("compliance.checkpoint_seconds", self.checkpoint_seconds),
            ("compliance.checkpoint_entries", self.checkpoint_entries),
        ];
        for (key, _) in positive.into_iter().filter(|(_, value)| *value == 0) {
            loader.fault(key, "must be at least 1");
        }
    }

    pub(crate) fn checkpoint_every(&self) -> Duration {
        Duration::from_secs(self.checkpoint_seconds.into())
    }
}
