use schemars::JsonSchema;
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;
use weft_channel::AccountSettings;
use weft_domain::Error;
use weft_twilio::{Access, is_number, is_sid};

use crate::address;

/// One account of Twilio, and whom it writes as.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Account {
    /// The account's SID, like `AC…`, from the start page of the Twilio console.
    pub account_sid: String,
    /// The auth token, shown beside the account's SID. Twilio signs its calls with it.
    #[schemars(with = "String")]
    pub auth_token: SecretString,
    /// The other auth token while you rotate them: calls signed with either are taken.
    #[schemars(with = "Option<String>")]
    pub secondary_auth_token: Option<SecretString>,
    /// An API key, like `SK…`, to send with instead of the auth token.
    pub api_key_sid: Option<String>,
    /// The API key's secret.
    #[schemars(with = "Option<String>")]
    pub api_key_secret: Option<SecretString>,
    /// The number SMS and MMS are sent from, like `+12025550100`; or a short code, or a name of up to 11 letters, which
    /// cannot be answered.
    pub from_number: Option<String>,
    /// A messaging service, like `MG…`, that chooses the number.
    pub messaging_service_sid: Option<String>,
    /// The number WhatsApp messages are sent from, like `+12025550100`.
    pub whatsapp_sender: Option<String>,
    /// Tells Twilio where to call us. Switch it off when something else answers that number, too.
    #[serde(default = "yes")]
    #[schemars(default = "yes")]
    pub set_webhook: bool,
    /// Words like STOP and START, alone in a message, change whether the contact may be written to.
    #[serde(default = "yes")]
    #[schemars(default = "yes")]
    pub opt_out_words: bool,
    /// Lets Twilio replace characters that make an SMS dearer, like curly quotes.
    #[serde(default)]
    pub smart_encoding: bool,
    /// Where the API is; another address for a provider that copies it.
    #[serde(default = "api_base")]
    #[schemars(default = "api_base")]
    pub api_base: Url,
    /// Where the API of messaging services and of signs of typing is.
    #[serde(default = "messaging_api_base")]
    #[schemars(default = "messaging_api_base")]
    pub messaging_api_base: Url,
    /// Where Twilio reaches us: it signs that address.
    #[serde(skip)]
    pub(crate) webhook_url: Option<Url>,
}

impl AccountSettings for Account {
    const SECRETS: &'static [&'static str] = &["auth_token", "secondary_auth_token", "api_key_secret"];

    fn validate(&self) -> Result<(), Error> {
        let wrong = |field: &str, why: &str| Err(Error::invalid_field(&format!("settings.{field}"), why));
        if !is_sid(&self.account_sid, "AC") {
            return wrong("account_sid", "it must be `AC` and 32 digits or letters a to f");
        }
        if self.api_key_sid.as_deref().is_some_and(|sid| !is_sid(sid, "SK")) {
            return wrong("api_key_sid", "it must be `SK` and 32 digits or letters a to f");
        }
        if self.api_key_sid.is_some() != self.api_key_secret.is_some() {
            return wrong("api_key_sid", "an API key needs its SID and its secret");
        }
        if self.messaging_service_sid.as_deref().is_some_and(|sid| !is_sid(sid, "MG")) {
            return wrong("messaging_service_sid", "it must be `MG` and 32 digits or letters a to f");
        }
        if self.from_number.as_deref().is_some_and(|from| !address::is_sender(from)) {
            return wrong("from_number", "it must be a number like `+12025550100`, a short code or a name");
        }
        if self.whatsapp_sender.as_deref().is_some_and(|from| !is_number(from)) {
            return wrong("whatsapp_sender", "it must be a number like `+12025550100`");
        }
        if [&self.from_number, &self.messaging_service_sid, &self.whatsapp_sender]
            .iter()
            .all(|it| it.is_none())
        {
            return wrong("from_number", "give a number, a messaging service or a WhatsApp sender");
        }
        for (field, url) in [("api_base", &self.api_base), ("messaging_api_base", &self.messaging_api_base)] {
            let is_web = matches!(url.scheme(), "https" | "http");
            if !is_web || url.query().is_some() || url.fragment().is_some() {
                return wrong(field, "it must be an address like `https://api.twilio.com`");
            }
        }
        Ok(())
    }

    fn reached_at(&mut self, webhook_url: &str) {
        self.webhook_url = Url::parse(webhook_url).ok();
    }
}

impl Account {
    /// The account, and how we sign in there.
    pub(crate) fn access(&self) -> Access<'_> {
        let key = self.api_key_sid.as_deref().zip(self.api_key_secret.as_ref());
        Access { api_base: &self.api_base, account_sid: &self.account_sid, auth_token: &self.auth_token, key }
    }
}

fn api_base() -> Url {
    Url::parse("https://api.twilio.com").expect("a fixed address")
}

fn messaging_api_base() -> Url {
    Url::parse("https://messaging.twilio.com").expect("a fixed address")
}

fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use weft_channel::read_account;

    use super::*;

    #[test]
    fn each_field_is_checked_and_named() {
        let sid = |prefix: &str| format!("{prefix}{}", "0".repeat(32));
        let read = |change: Value, key: bool| {
            let mut settings = json!({"account_sid": sid("AC"), "from_number": "+12025550100"});
            let fields = settings.as_object_mut().unwrap();
            fields.extend(change.as_object().cloned().unwrap());
            let mut secrets = json!({"auth_token": "example-auth-token"}).as_object().cloned().unwrap();
            if key {
                secrets.insert("api_key_secret".to_owned(), "example-key-secret".into());
            }
            read_account::<Account>(fields, &secrets)
        };
        let table = [
            (json!({"account_sid": "AC1"}), false, "settings.account_sid"),
            (json!({"api_key_sid": "SK1"}), true, "settings.api_key_sid"),
            (json!({"api_key_sid": sid("SK")}), false, "settings.api_key_sid"),
            (json!({}), true, "settings.api_key_sid"),
            (json!({"messaging_service_sid": sid("AC")}), false, "settings.messaging_service_sid"),
            (json!({"from_number": "+1 202 555"}), false, "settings.from_number"),
            (json!({"from_number": null}), false, "settings.from_number"),
            (json!({"whatsapp_sender": "whatsapp:+12025550100"}), false, "settings.whatsapp_sender"),
            (json!({"api_base": "ftp://x"}), false, "settings.api_base"),
            (json!({"messaging_api_base": "https://x/?a"}), false, "settings.messaging_api_base"),
        ];
        for (change, key, field) in table {
            assert_eq!(read(change, key).unwrap_err().field(), Some(field));
        }
        for from in ["+12025550100", "72345", "Acme Shop"] {
            read(json!({"from_number": from}), false).unwrap();
        }
    }
}
