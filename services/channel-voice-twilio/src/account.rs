use schemars::JsonSchema;
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;
use weft_channel::AccountSettings;
use weft_domain::Error;
use weft_twilio::{Access, is_number, is_sid};

use crate::menu::{self, Step};

/// The longest text that is spoken at one place.
const MAX_WORDS: usize = 1000;

/// One account of Twilio, a number, and what callers hear.
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
    /// An API key, like `SK…`, to call with instead of the auth token.
    pub api_key_sid: Option<String>,
    /// The API key's secret.
    #[schemars(with = "Option<String>")]
    pub api_key_secret: Option<SecretString>,
    /// The number people call, and that calls them, like `+12025550100`.
    pub from_number: String,
    /// What callers hear first.
    #[serde(default = "greeting")]
    #[schemars(default = "greeting")]
    pub greeting: String,
    /// What happens then: a menu, telephones that ring, a queue, or a voicemail.
    #[serde(default)]
    pub menu: Step,
    /// What callers hear when nobody can be reached and nothing else is left to do.
    #[serde(default = "goodbye")]
    #[schemars(default = "goodbye")]
    pub goodbye: String,
    /// The language that is spoken, like `en-US`.
    #[serde(default = "language")]
    #[schemars(default = "language")]
    pub language: String,
    /// Who speaks, like `Polly.Joanna`; left out, Twilio's usual voice.
    pub voice: Option<String>,
    /// Records talks with callers, too. Tell them so in the greeting.
    #[serde(default)]
    pub record_talks: bool,
    /// Has Twilio write down voicemails (English, up to two minutes); otherwise Weft does, if that is switched on.
    #[serde(default)]
    pub transcribe: bool,
    /// The telephone that rings first when an agent writes to a contact: whoever answers hears the text and is connected.
    /// Left out, the contact is called and hears the text.
    pub agent_number: Option<String>,
    /// Tells Twilio where to call us. Switch it off when something else answers that number, too.
    #[serde(default = "yes")]
    #[schemars(default = "yes")]
    pub set_webhook: bool,
    /// Where the API is; another address for a provider that copies it.
    #[serde(default = "api_base")]
    #[schemars(default = "api_base")]
    pub api_base: Url,
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
        if !is_number(&self.from_number) {
            return wrong("from_number", "it must be a number like `+12025550100`");
        }
        if self.agent_number.as_deref().is_some_and(|number| !is_number(number)) {
            return wrong("agent_number", "it must be a number like `+12025550100`");
        }
        for (field, words) in [("greeting", &self.greeting), ("goodbye", &self.goodbye)] {
            if words.chars().count() > MAX_WORDS {
                return wrong(field, "it must be at most 1,000 characters long");
            }
        }
        if let Err((place, why)) = menu::check(&self.menu) {
            return wrong(&place, &why);
        }
        let is_web = matches!(self.api_base.scheme(), "https" | "http");
        if !is_web || self.api_base.query().is_some() || self.api_base.fragment().is_some() {
            return wrong("api_base", "it must be an address like `https://api.twilio.com`");
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

fn greeting() -> String {
    "Hello, and thank you for calling.".to_owned()
}

fn goodbye() -> String {
    "Goodbye.".to_owned()
}

fn language() -> String {
    "en-US".to_owned()
}

fn api_base() -> Url {
    Url::parse("https://api.twilio.com").expect("a fixed address")
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
    fn each_field_is_checked_and_a_mistake_in_the_menu_is_named_by_its_place() {
        let read = |change: Value| {
            let mut settings =
                json!({"account_sid": format!("AC{}", "0".repeat(32)), "from_number": "+12025550100"});
            settings.as_object_mut().unwrap().extend(change.as_object().cloned().unwrap());
            let secrets = json!({"auth_token": "example-auth-token"}).as_object().cloned().unwrap();
            read_account::<Account>(settings.as_object().unwrap(), &secrets)
        };
        let choice = |key: &str| json!({"key": key, "label": "Help", "then": {"do": "voicemail"}});
        let menu = |choices: Value| json!({"menu": {"do": "menu", "say": "Press one.", "choices": choices}});
        let call = |numbers: Value| json!({"menu": {"do": "call", "numbers": numbers}});
        let table = [
            (json!({"account_sid": "AC1"}), "settings.account_sid"),
            (json!({"from_number": "Acme"}), "settings.from_number"),
            (json!({"agent_number": "100"}), "settings.agent_number"),
            (json!({"goodbye": "a".repeat(1001)}), "settings.goodbye"),
            (json!({"api_base": "ftp://x"}), "settings.api_base"),
            (menu(json!([])), "settings.menu.choices"),
            (menu(json!([choice("12")])), "settings.menu.choices[0].key"),
            (menu(json!([choice("1"), choice("1")])), "settings.menu.choices[1].key"),
            (
                menu(json!([{"key": "1", "label": "Help", "then": {"do": "call", "numbers": []}}])),
                "settings.menu.choices[0].then.numbers",
            ),
            (call(json!(["+12025550101", "100"])), "settings.menu.numbers[1]"),
            (json!({"menu": {"do": "queue", "name": ""}}), "settings.menu.name"),
            (json!({"menu": {"do": "voicemail", "seconds": 3601}}), "settings.menu.seconds"),
        ];
        for (change, field) in table {
            let refused = read(change.clone()).unwrap_err();
            assert_eq!(refused.field(), Some(field), "{change}: {refused}");
        }
        read(menu(json!([choice("1"), choice("*")]))).unwrap();
        let mut deep = json!({"do": "hang_up"});
        for _ in 0..6 {
            deep =
                json!({"do": "menu", "say": "again", "choices": [{"key": "1", "label": "on", "then": deep}]});
        }
        assert!(
            read(json!({"menu": deep}))
                .unwrap_err()
                .field()
                .unwrap()
                .starts_with("settings.menu.choices[0].then")
        );
    }
}
