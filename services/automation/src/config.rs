use serde::Deserialize;
use weft_domain::{Error, Result};

use crate::availability::CAPACITIES;

/// The documented defaults of the service's configuration.
pub const DEFAULTS: &str = include_str!("../config.default.toml");

/// How the service is set up.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How many unresolved conversations somebody without a capacity of their own is given at most.
    pub default_capacity: u32,
}

impl Config {
    /// An error that names the key with a value that cannot be.
    pub fn validate(&self) -> Result<()> {
        if CAPACITIES.contains(&self.default_capacity) {
            return Ok(());
        }
        Err(Error::invalid_field("automation.default_capacity", "must be 1 to 100"))
    }
}
