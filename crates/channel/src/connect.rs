use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use thiserror::Error;

use crate::{Intake, Retry, SendError};

/// What an account is connected with.
#[derive(Clone, Debug, Default)]
pub struct ConnectContext {
    /// Where the provider reaches this account's webhook; none when nothing outside can reach us.
    pub webhook_url: Option<String>,
}

impl ConnectContext {
    /// Where the provider reaches all accounts of this kind at once, for adapters that say whom a call is for.
    pub fn shared_webhook_url(&self) -> Option<&str> {
        self.webhook_url.as_deref()?.rsplit_once('/').map(|(shared, _channel)| shared)
    }
}

/// An account that works.
#[derive(Clone, Debug, Default)]
pub struct Connected {
    /// What the provider calls the account.
    pub title: String,
    /// The account's public name, if it has one.
    pub username: Option<String>,
    /// Secrets the adapter made, by field; they are kept with the account's own.
    pub secrets_made: BTreeMap<String, SecretString>,
    /// How events will come in.
    pub intake: Intake,
    /// When the provider stops taking the account's credentials, where it says so: people are warned a week before.
    pub credentials_expire_at: Option<DateTime<Utc>>,
}

/// Why an account does not work.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum SetupError {
    /// A person has to change a field.
    #[error("{field}: {why}")]
    Settings {
        /// Like `secrets.bot_token`.
        field: String,
        /// In plain words.
        why: String,
    },
    /// The provider did not do what it was asked.
    #[error(transparent)]
    Provider(#[from] SendError),
}

impl SetupError {
    /// Whether to try again unasked.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Settings { .. } => Retry::Never,
            // setting up twice does no harm
            Self::Provider(error) => error.clone().of_repeatable().retry(),
        }
    }
}
