use chrono::TimeDelta;
use serde::Deserialize;
use weft_config::Loader;

/// The defaults, documented line by line.
pub const DEFAULTS: &str = include_str!("../config.default.toml");

/// The settings of section `dead_letters`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How many letters of a bulk replay go out per second and replica.
    pub replays_per_second: u32,
    /// How long an ended letter is remembered.
    pub keep_days: u32,
}

impl Config {
    /// Reports what the types cannot say to the loader.
    pub fn check(&self, loader: &mut Loader) {
        let positive = [
            ("dead_letters.replays_per_second", self.replays_per_second),
            ("dead_letters.keep_days", self.keep_days),
        ];
        for (key, _) in positive.into_iter().filter(|(_, value)| *value == 0) {
            loader.fault(key, "must be at least 1");
        }
    }

    pub(crate) fn keep(&self) -> TimeDelta {
        TimeDelta::days(self.keep_days.into())
    }
}
