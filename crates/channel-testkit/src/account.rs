use serde_json::{Map, Value};
use weft_channel::{AccountSettings, read_account};

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
        read_account(&self.settings, &self.secrets).map_err(|error| format!("the account: {error}"))
    }
}
