use chrono::TimeDelta;
use serde::Deserialize;
use url::Url;
use weft_config::Loader;

/// The defaults, documented line by line.
pub const DEFAULTS: &str = include_str!("../config.default.toml");

/// The settings of section `directory`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where people and providers reach the gateway; empty: channels have no webhook address.
    pub public_url: String,
    /// How long a sign-in lasts at most.
    pub session_days: u32,
    /// How long a sign-in lasts when nobody renews it.
    pub refresh_idle_days: u32,
    /// How long the refresh token before the present one still gets the present one again.
    pub refresh_grace_seconds: u32,
    /// How old a signing key may become.
    pub key_rotation_days: u32,
    /// How long a new signing key is published before it signs.
    pub key_lead_seconds: u32,
    /// How many passwords are hashed at once.
    pub passwords_at_once: usize,
    /// How often somebody may try to sign in.
    pub sign_in: SignIn,
}

/// How often somebody may try to sign in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// Attempts from one address at once.
    pub address_burst: u32,
    /// Attempts from one address a minute.
    pub address_per_minute: u32,
    /// Attempts on one e-mail address at once.
    pub account_burst: u32,
    /// Attempts on one e-mail address a minute.
    pub account_per_minute: u32,
    /// Failed attempts on one e-mail address before it waits.
    pub failure_burst: u32,
    /// How fast failed attempts are forgiven.
    pub failures_per_hour: u32,
}

impl Config {
    /// Reports what the types cannot say to the loader.
    pub fn check(&self, loader: &mut Loader) {
        if !self.public_url.is_empty() && !is_web_address(&self.public_url) {
            loader.fault(
                "directory.public_url",
                "must be like `https://chat.example.com`, without a last slash",
            );
        }
        if self.key_lead_seconds < 300 {
            loader
                .fault("directory.key_lead_seconds", "must be at least 300: services look every few minutes");
        }
        let positive = [
            ("directory.session_days", self.session_days),
            ("directory.refresh_idle_days", self.refresh_idle_days),
            ("directory.key_rotation_days", self.key_rotation_days),
            ("directory.sign_in.address_burst", self.sign_in.address_burst),
            ("directory.sign_in.address_per_minute", self.sign_in.address_per_minute),
            ("directory.sign_in.account_burst", self.sign_in.account_burst),
            ("directory.sign_in.account_per_minute", self.sign_in.account_per_minute),
            ("directory.sign_in.failure_burst", self.sign_in.failure_burst),
            ("directory.sign_in.failures_per_hour", self.sign_in.failures_per_hour),
        ];
        for (key, _) in positive.into_iter().filter(|(_, value)| *value == 0) {
            loader.fault(key, "must be at least 1");
        }
    }

    pub(crate) fn session_life(&self) -> TimeDelta {
        TimeDelta::days(self.session_days.into())
    }

    pub(crate) fn refresh_idle(&self) -> TimeDelta {
        TimeDelta::days(self.refresh_idle_days.into())
    }

    pub(crate) fn refresh_grace(&self) -> TimeDelta {
        TimeDelta::seconds(self.refresh_grace_seconds.into())
    }

    pub(crate) fn key_age(&self) -> TimeDelta {
        TimeDelta::days(self.key_rotation_days.into())
    }

    pub(crate) fn key_lead(&self) -> TimeDelta {
        TimeDelta::seconds(self.key_lead_seconds.into())
    }
}

fn is_web_address(text: &str) -> bool {
    let is_web = |url: Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    Url::parse(text).is_ok_and(is_web) && !text.ends_with('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(file: &str) -> Result<Config, weft_config::Faults> {
        let mut loader = Loader::from_parts(&[DEFAULTS], file, [], &[])?;
        let config: Config = loader.section("directory")?;
        config.check(&mut loader);
        loader.finish()?;
        Ok(config)
    }

    #[test]
    fn the_defaults_are_whole_and_every_fault_is_told_at_once() {
        assert_eq!(load("").unwrap().session_days, 30);
        let faults = load(
            "[directory]\npublic_url = 'chat.example.com'\nkey_lead_seconds = 10\nrefresh_idle_days = 0\n",
        );
        let text = faults.unwrap_err().to_string();
        for key in ["public_url", "key_lead_seconds", "refresh_idle_days"] {
            assert!(text.contains(key), "{key} in {text}");
        }
    }
}
