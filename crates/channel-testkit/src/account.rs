use serde_json::{Map, Value};
use uuid::Uuid;
use weft_channel::{AccountSettings, read_account};
use weft_domain::id;

use crate::provider_key::published_keys;

/// Where the provider reaches every account's webhook.
pub const WEBHOOK_URL: &str = "https://weft.example/hooks/channel";

/// An account as a case gives it: `{"settings": {…}, "secrets": {…}}`.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Given {
    #[serde(default)]
    pub(crate) settings: Map<String, Value>,
    #[serde(default)]
    pub(crate) secrets: Map<String, Value>,
}

impl Given {
    pub(crate) fn account<A: AccountSettings>(&self) -> Result<A, String> {
        let read = read_account(&self.settings, &self.secrets);
        let mut account: A = read.map_err(|error| format!("the account: {error}"))?;
        if account.keys_published_at().is_some() {
            account.keys_are(published_keys());
        }
        account.reached_at(WEBHOOK_URL);
        // the same in every run, for adapters that make names of it
        account.belongs_to(id::from_uuid(fixed(1)), id::from_uuid(fixed(2)));
        Ok(account)
    }
}

/// A UUIDv7 of a fixed instant.
fn fixed(number: u128) -> Uuid {
    Uuid::from_u128(0x019b_76da_a800_7000_8000_0000_0000_0000 + number)
}
