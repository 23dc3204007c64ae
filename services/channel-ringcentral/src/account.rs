use schemars::JsonSchema;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use url::Url;
use weft_channel::AccountSettings;
use weft_domain::Error;

use crate::address;

/// The longest look back, a week.
const MAX_LOOK_BACK: u32 = 168;

/// One extension of RingCentral, and its number.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Account {
    /// The app's client id, from its page in the RingCentral developer console.
    pub client_id: String,
    /// The app's client secret.
    #[schemars(with = "String")]
    pub client_secret: SecretString,
    /// A JWT credential of the user whose extension this is, made in the developer console under *Credentials*.
    #[schemars(with = "String")]
    pub jwt: SecretString,
    /// The extension's number that SMS are sent from and that calls show, like `+12025550100`.
    pub from_number: String,
    /// What this channel is for. One for calls does not send SMS: what is written there connects you with the contact.
    #[serde(default)]
    pub purpose: Purpose,
    /// The telephone that rings first when somebody writes in a channel for calls: whoever answers is connected with the
    /// contact (RingOut). The text is not spoken.
    pub ring_first: Option<String>,
    /// Has whoever answers that telephone press 1 before the contact is called.
    #[serde(default)]
    pub confirm_by_key: bool,
    /// Brings recordings of calls into the conversation.
    #[serde(default)]
    pub recordings: bool,
    /// Words like STOP and START, alone in a message, change whether the contact may be written to.
    #[serde(default = "yes")]
    #[schemars(default = "yes")]
    pub opt_out_words: bool,
    /// How many hours of messages and calls are looked through when this channel starts, for what came meanwhile; up to 168.
    #[serde(default = "look_back_hours")]
    #[schemars(default = "look_back_hours")]
    pub look_back_hours: u32,
    /// What RingCentral proves its calls with; made when the channel is connected.
    #[schemars(with = "Option<String>")]
    pub webhook_validation_token: Option<SecretString>,
    /// Gives the webhook's secret to RingCentral under both names that its documents use for it, or only under the older one.
    #[serde(default = "yes")]
    #[schemars(default = "yes")]
    pub both_token_names: bool,
    /// Where the API is.
    #[serde(default = "api_base")]
    #[schemars(default = "api_base")]
    pub api_base: Url,
    /// Where files are.
    #[serde(default = "media_base")]
    #[schemars(default = "media_base")]
    pub media_base: Url,
    /// Where RingCentral reaches us.
    #[serde(skip)]
    pub(crate) webhook_url: Option<String>,
}

/// What a channel takes and sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// SMS both ways, calls and voicemail.
    #[default]
    MessagesAndCalls,
    /// SMS both ways.
    Messages,
    /// Calls and voicemail; what is written becomes a call.
    Calls,
}

impl Purpose {
    pub(crate) fn takes_messages(self) -> bool {
        self != Self::Calls
    }

    pub(crate) fn takes_calls(self) -> bool {
        self != Self::Messages
    }
}

impl AccountSettings for Account {
    const SECRETS: &'static [&'static str] = &["client_secret", "jwt", "webhook_validation_token"];
    const MADE_SECRETS: &'static [&'static str] = &["webhook_validation_token"];

    fn validate(&self) -> Result<(), Error> {
        let given = |secret: &SecretString| !secret.expose_secret().trim().is_empty();
        let number = "it must be a number like `+12025550100`";
        let demands = [
            (!self.client_id.trim().is_empty(), "settings.client_id", "it must not be empty"),
            (given(&self.client_secret), "secrets.client_secret", "it must not be empty"),
            (given(&self.jwt), "secrets.jwt", "it must not be empty"),
            (address::is_number(&self.from_number), "settings.from_number", number),
            (self.ring_first.iter().all(|number| address::is_number(number)), "settings.ring_first", number),
            (self.look_back_hours <= MAX_LOOK_BACK, "settings.look_back_hours", "it must be 168 at most"),
            (is_web(&self.api_base), "settings.api_base", "it must be a web address"),
            (is_web(&self.media_base), "settings.media_base", "it must be a web address"),
        ];
        match demands.iter().find(|(holds, ..)| !holds) {
            Some((_, field, expected)) => Err(Error::invalid_field(field, *expected)),
            None => Ok(()),
        }
    }

    fn reached_at(&mut self, webhook_url: &str) {
        self.webhook_url = Some(webhook_url.to_owned());
    }
}

impl Account {
    /// Whether files may be fetched there, so that the address may be shown the token.
    pub(crate) fn holds_files_at(&self, url: &Url) -> bool {
        let is_plain = url.username().is_empty() && url.password().is_none();
        is_plain && [&self.api_base, &self.media_base].iter().any(|base| base.origin() == url.origin())
    }

    /// Whether a number is on our side.
    pub(crate) fn is_ours(&self, number: &str) -> bool {
        number == self.from_number || self.ring_first.as_deref() == Some(number)
    }
}

fn api_base() -> Url {
    Url::parse("https://platform.ringcentral.com").expect("a fixed address")
}

fn media_base() -> Url {
    Url::parse("https://media.ringcentral.com").expect("a fixed address")
}

fn look_back_hours() -> u32 {
    24
}

fn yes() -> bool {
    true
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "https" | "http") && url.query().is_none() && url.fragment().is_none()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use weft_channel::read_account;

    use super::*;

    fn read(field: &str, value: Value) -> Result<Account, Error> {
        let mut settings = json!({"client_id": "client-id-example", "from_number": "+12025550100"});
        let mut secrets = json!({"client_secret": "client-secret-example", "jwt": "jwt-of-the-example"});
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
            ("settings.client_id", json!(" ")),
            ("secrets.client_secret", json!("")),
            ("secrets.jwt", json!(" ")),
            ("settings.from_number", json!("2025550100")),
            ("settings.ring_first", json!("101")),
            ("settings.purpose", json!("fax")),
            ("settings.look_back_hours", json!(169)),
            ("settings.api_base", json!("ftp://x")),
            ("settings.media_base", json!("https://x/?a")),
        ];
        for (field, value) in table {
            assert_eq!(read(field, value.clone()).unwrap_err().field(), Some(field), "{value}");
        }
    }

    #[test]
    fn the_token_goes_to_ringcentrals_own_hosts_only() {
        let account = read("", Value::Null).unwrap();
        let table = [
            ("https://media.ringcentral.com/restapi/v1.0/x", true),
            ("https://platform.ringcentral.com/restapi/v1.0/x", true),
            ("http://media.ringcentral.com/x", false),
            ("https://media.ringcentral.com:8443/x", false),
            ("https://user@media.ringcentral.com/x", false),
            ("https://media.ringcentral.com.example.org/x", false),
        ];
        for (url, holds) in table {
            assert_eq!(account.holds_files_at(&url.parse().unwrap()), holds, "{url}");
        }
    }
}
