use std::borrow::Cow;

use schemars::JsonSchema;
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;
use weft_channel::AccountSettings;
use weft_domain::Error;
use weft_meta_graph::{
    Access,
    fields::{api_base, api_version, is_base, is_id, is_version, is_word},
};

/// One phone number of a WhatsApp Business Account.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Account {
    /// The “Phone number ID” under WhatsApp → API setup; digits, and not the phone number itself.
    pub phone_number_id: String,
    /// The “WhatsApp Business Account ID” on the same page; digits.
    pub waba_id: String,
    /// The token of a system user, with the permissions `whatsapp_business_messaging` and `whatsapp_business_management`.
    #[schemars(with = "String")]
    pub access_token: SecretString,
    /// The “App secret” under App settings → Basic. Meta signs its calls with it.
    #[schemars(with = "String")]
    pub app_secret: SecretString,
    /// A word of your own, which Meta shows when it greets the webhook; the same as in the app's webhook settings.
    #[schemars(with = "String")]
    pub verify_token: SecretString,
    /// Whether contacts see their messages as read as soon as they are here. They do in any case once an agent types.
    #[serde(default)]
    pub mark_as_read: bool,
    /// What stands on the button that opens a list of choices; at most 20 characters.
    #[serde(default = "list_button")]
    #[schemars(default = "list_button")]
    pub list_button: String,
    /// The version of the Graph API, like `v25.0`.
    #[serde(default = "api_version")]
    #[schemars(default = "api_version")]
    pub api_version: String,
    /// Where the Graph API is.
    #[serde(default = "api_base")]
    #[schemars(default = "api_base")]
    pub api_base: Url,
}

impl AccountSettings for Account {
    const SECRETS: &'static [&'static str] = &["access_token", "app_secret", "verify_token"];

    fn provider_ids(&self) -> Vec<String> {
        vec![self.phone_number_id.clone(), self.waba_id.clone()]
    }

    fn validate(&self) -> Result<(), Error> {
        let label = self.list_button.trim().chars().count();
        let demands = [
            (is_id(&self.phone_number_id), "settings.phone_number_id", "it must be of digits only"),
            (is_id(&self.waba_id), "settings.waba_id", "it must be of digits only"),
            (is_word(&self.access_token), "secrets.access_token", "it must be of letters, digits and signs"),
            (is_word(&self.app_secret), "secrets.app_secret", "it must be of letters, digits and signs"),
            (is_word(&self.verify_token), "secrets.verify_token", "it must be of letters, digits and signs"),
            ((1..=20).contains(&label), "settings.list_button", "it must have 1 to 20 characters"),
            (is_version(&self.api_version), "settings.api_version", "it must look like `v25.0`"),
            (
                is_base(&self.api_base),
                "settings.api_base",
                "it must be an address like `https://graph.facebook.com`",
            ),
        ];
        match demands.iter().find(|(holds, ..)| !holds) {
            Some((_, field, expected)) => Err(Error::invalid_field(field, *expected)),
            None => Ok(()),
        }
    }
}

impl Account {
    /// The graph as this account's token opens it.
    pub(crate) fn access(&self) -> Access<'_> {
        Access {
            base: Cow::Borrowed(&self.api_base),
            version: &self.api_version,
            token: &self.access_token,
            proof: None,
        }
    }
}

fn list_button() -> String {
    "Options".to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use weft_channel::read_account;

    use super::*;

    fn read(field: &str, value: Value) -> Result<Account, Error> {
        let mut settings = json!({"phone_number_id": "200000000000001", "waba_id": "100000000000001"});
        let mut secrets =
            json!({"access_token": "EAAExample", "app_secret": "0123abcd", "verify_token": "hello"});
        match field.split_once('.') {
            Some(("settings", name)) => settings[name] = value,
            Some((_, name)) => secrets[name] = value,
            None => {}
        }
        read_account(settings.as_object().unwrap(), secrets.as_object().unwrap())
    }

    #[test]
    fn each_field_is_checked_and_named() {
        let table = [
            ("settings.phone_number_id", "+12025550100"),
            ("settings.waba_id", ""),
            ("settings.list_button", "Much longer than a label may be"),
            ("settings.api_version", "25"),
            ("settings.api_base", "https://x/?a"),
            ("secrets.access_token", "two words"),
            ("secrets.app_secret", ""),
            ("secrets.verify_token", "ü"),
        ];
        for (field, value) in table {
            assert_eq!(read(field, json!(value)).unwrap_err().field(), Some(field));
        }
    }
}
