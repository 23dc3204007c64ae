use std::time::Duration;

use chrono::TimeDelta;
use serde::Deserialize;
use weft_domain::{Error, Result};

use crate::attendance;

/// The defaults, documented line by line.
pub const DEFAULTS: &str = include_str!("../config.default.toml");

/// How the web chat is set up: the section `channel_webchat`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How long a session lasts after it was last renewed.
    pub session_days: u32,
    /// Sessions opened from one address.
    pub sessions_per_minute: u32,
    /// Requests from one address.
    pub requests_per_minute: u32,
    /// Messages of one visitor.
    pub messages_per_minute: u32,
    /// Frames of one visitor's sockets.
    pub frames_per_minute: u32,
    /// Files of one visitor.
    pub files_per_minute: u32,
    /// Files of one address, in MB.
    pub address_mb_per_day: u32,
    /// Files of one channel's visitors, in MB.
    pub channel_mb_per_day: u32,
    /// The largest file of a visitor.
    pub max_file_bytes: u64,
    /// How often an open socket looks whether its chat and session are still there.
    pub look_every_ms: u64,
    /// A visitor who does not take what is sent for so long is cut off.
    pub slow_after_ms: u64,
    /// A visitor whose last connection was closed for so long has left.
    pub left_after_ms: u64,
}

impl Config {
    /// Checks what the types cannot say.
    pub fn validate(&self) -> Result<()> {
        let positive = [
            ("session_days", self.session_days),
            ("sessions_per_minute", self.sessions_per_minute),
            ("requests_per_minute", self.requests_per_minute),
            ("messages_per_minute", self.messages_per_minute),
            ("frames_per_minute", self.frames_per_minute),
            ("files_per_minute", self.files_per_minute),
            ("address_mb_per_day", self.address_mb_per_day),
            ("channel_mb_per_day", self.channel_mb_per_day),
            ("max_file_bytes", u32::try_from(self.max_file_bytes).unwrap_or(u32::MAX)),
            ("look_every_ms", u32::try_from(self.look_every_ms).unwrap_or(u32::MAX)),
            ("slow_after_ms", u32::try_from(self.slow_after_ms).unwrap_or(u32::MAX)),
            ("left_after_ms", u32::try_from(self.left_after_ms).unwrap_or(u32::MAX)),
        ];
        if self.look_every() * 2 > attendance::STAYS {
            let words = format!("must be at most {}", attendance::STAYS.as_millis() / 2);
            return Err(Error::invalid_field("channel_webchat.look_every_ms", words));
        }
        match positive.iter().find(|(_, value)| *value == 0) {
            None => Ok(()),
            Some((name, _)) => {
                Err(Error::invalid_field(&format!("channel_webchat.{name}"), "must be at least 1"))
            }
        }
    }

    pub(crate) fn session_life(&self) -> TimeDelta {
        TimeDelta::days(i64::from(self.session_days))
    }

    pub(crate) fn look_every(&self) -> Duration {
        Duration::from_millis(self.look_every_ms)
    }

    pub(crate) fn left_after(&self) -> Duration {
        Duration::from_millis(self.left_after_ms)
    }

    pub(crate) fn slow_after(&self) -> Duration {
        Duration::from_millis(self.slow_after_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_a_valid_configuration_and_a_zero_is_named() {
        let mut loader = weft_config::Loader::from_parts(&[DEFAULTS], "", [], &[]).unwrap();
        let config: Config = loader.section("channel_webchat").unwrap();
        loader.finish().unwrap();
        config.validate().unwrap();
        let field = |broken: Config| broken.validate().unwrap_err().field().unwrap().to_owned();
        let broken = Config { messages_per_minute: 0, ..config.clone() };
        assert_eq!(field(broken), "channel_webchat.messages_per_minute");
        // between two looks the visitor would seem to have left
        assert_eq!(field(Config { look_every_ms: 30_001, ..config }), "channel_webchat.look_every_ms");
    }
}
