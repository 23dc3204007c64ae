use std::borrow::Cow;

use schemars::JsonSchema;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use url::Url;
use weft_channel::AccountSettings;
use weft_domain::Error;
use weft_meta_graph::{
    Access,
    fields::{self, api_base, api_version, is_base, is_id, is_version, is_word},
    messaging::Desk,
};

use crate::{
    IceBreaker, errors,
    ice_breakers::{MAX_ICE_BREAKERS, is_whole},
};

/// One professional account.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Account {
    /// How the account was connected to the app: through its Facebook page, or with Instagram Login.
    #[serde(default)]
    #[schemars(default)]
    pub login: Login,
    /// The professional account's id, digits: what webhooks are for.
    pub ig_account_id: String,
    /// The id of the Facebook page that the account belongs to, digits; only with the login through the page.
    pub page_id: Option<String>,
    /// The page's token, with the permissions `instagram_basic`, `instagram_manage_messages` and `pages_manage_metadata`;
    /// or with Instagram Login the user's, with `instagram_business_basic` and `instagram_business_manage_messages`.
    #[schemars(with = "String")]
    pub access_token: SecretString,
    /// The day on which the token ends, like `2027-01-31`: with Instagram Login it holds for about 60 days, and the token debugger
    /// in Meta's console says until when. The channel warns a week before.
    pub token_expires_on: Option<String>,
    /// The “App secret” under App settings → Basic, or with Instagram Login the “Instagram app secret”. Meta signs its calls
    /// with it.
    #[schemars(with = "String")]
    pub app_secret: SecretString,
    /// A word of your own, which Meta shows when it greets the webhook; the same as in the app's webhook settings.
    #[schemars(with = "String")]
    pub verify_token: SecretString,
    /// The “App ID”, digits. With it the app knows its own messages when Meta tells of them, and through the page the app's
    /// webhook is set when this is saved; with Instagram Login you set that in Meta's console.
    pub app_id: Option<String>,
    /// Whether Meta has granted the app “Human Agent”: people may then answer for a week, not only for a day.
    #[serde(default)]
    pub human_agent: bool,
    /// Questions that people are offered to begin with, four at the most. Without any, what is set stays.
    #[serde(default)]
    pub ice_breakers: Vec<IceBreaker>,
    /// Whether contacts see their messages as read as soon as they are here.
    #[serde(default)]
    pub mark_as_read: bool,
    /// The version of the API, like `v25.0`.
    #[serde(default = "api_version")]
    #[schemars(default = "api_version")]
    pub api_version: String,
    /// Where the API is; left empty: where it is for this login.
    pub api_base: Option<Url>,
}

/// How an account was connected to the app.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Login {
    /// Through the Facebook page it belongs to.
    #[default]
    Page,
    /// With Instagram Login.
    Instagram,
}

impl AccountSettings for Account {
    const SECRETS: &'static [&'static str] = &["access_token", "app_secret", "verify_token"];

    fn provider_ids(&self) -> Vec<String> {
        vec![self.ig_account_id.clone()]
    }

    fn validate(&self) -> Result<(), Error> {
        let (word, digits) = ("it must be of letters, digits and signs", "it must be of digits only");
        let optional = |id: &Option<String>| id.as_deref().is_none_or(|id| id.is_empty() || is_id(id));
        let needs_page = self.login == Login::Page && self.page_id.as_deref().is_none_or(str::is_empty);
        let offers = self.ice_breakers.len() <= MAX_ICE_BREAKERS && self.ice_breakers.iter().all(is_whole);
        let demands = [
            (is_id(&self.ig_account_id), "settings.ig_account_id", digits),
            (!needs_page, "settings.page_id", "it is needed with the login through the page"),
            (optional(&self.page_id), "settings.page_id", digits),
            (is_word(&self.access_token), "secrets.access_token", word),
            (is_word(&self.app_secret), "secrets.app_secret", word),
            (is_word(&self.verify_token), "secrets.verify_token", word),
            (optional(&self.app_id), "settings.app_id", digits),
            (
                self.token_expires_on
                    .as_deref()
                    .is_none_or(|day| day.is_empty() || fields::day(day).is_some()),
                "settings.token_expires_on",
                "it must be a day like `2027-01-31`",
            ),
            (offers, "settings.ice_breakers", "four questions at the most, each with words and a payload"),
            (is_version(&self.api_version), "settings.api_version", "it must look like `v25.0`"),
            (
                self.api_base.as_ref().is_none_or(is_base),
                "settings.api_base",
                "it must be an address like `https://graph.instagram.com`",
            ),
        ];
        match demands.iter().find(|(holds, ..)| !holds) {
            Some((_, field, expected)) => Err(Error::invalid_field(field, *expected)),
            None => Ok(()),
        }
    }
}

impl Account {
    /// Where this account writes from.
    pub(crate) fn desk(&self) -> Desk<'_> {
        Desk {
            access: Access {
                base: self.base(),
                version: &self.api_version,
                token: &self.access_token,
                proof: None,
            },
            node: self.node(),
            says_type: false,
            late_tag: self.human_agent.then_some("HUMAN_AGENT"),
            meaning: errors::meaning,
        }
    }

    /// The app, if it is known.
    pub(crate) fn app_id(&self) -> Option<&str> {
        self.app_id.as_deref().filter(|id| !id.is_empty())
    }

    fn base(&self) -> Cow<'_, Url> {
        match (&self.api_base, self.login) {
            (Some(base), _) => Cow::Borrowed(base),
            (None, Login::Page) => Cow::Owned(api_base()),
            (None, Login::Instagram) => Cow::Owned(login_base()),
        }
    }

    /// What the token is for: the page, or the account itself.
    pub(crate) fn node(&self) -> &str {
        match (self.login, &self.page_id) {
            (Login::Page, Some(page)) => page,
            _ => &self.ig_account_id,
        }
    }
}

fn login_base() -> Url {
    Url::parse("https://graph.instagram.com").expect("a fixed address")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use weft_channel::read_account;

    use super::*;

    fn read(field: &str, value: Value) -> Result<Account, Error> {
        let mut settings = json!({"ig_account_id": "17800000000000001", "page_id": "300000000000001"});
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
        let question = |question: &str, payload: &str| json!({"question": question, "payload": payload});
        let table = [
            ("settings.ig_account_id", json!("@acme")),
            ("settings.page_id", json!("")),
            ("settings.page_id", json!("acme")),
            ("settings.app_id", json!("my app")),
            ("settings.token_expires_on", json!("soon")),
            ("settings.ice_breakers", json!(vec![question("Open?", "A"); 5])),
            ("settings.ice_breakers", json!([question(" ", "A")])),
            ("settings.ice_breakers", json!([question("Open?", "")])),
            ("settings.api_version", json!("25")),
            ("settings.api_base", json!("https://x/?a")),
            ("secrets.access_token", json!("two words")),
            ("secrets.app_secret", json!("")),
            ("secrets.verify_token", json!("ü")),
        ];
        for (field, value) in table {
            assert_eq!(read(field, value).unwrap_err().field(), Some(field));
        }
    }

    #[test]
    fn each_login_has_its_host_and_its_node() {
        let (page, own) =
            (read("", Value::Null).unwrap(), read("settings.login", json!("instagram")).unwrap());
        let messages = |account: &Account| {
            let desk = account.desk();
            desk.access.url(&[desk.node, "messages"]).to_string()
        };
        assert_eq!(messages(&page), "https://graph.facebook.com/v25.0/300000000000001/messages");
        assert_eq!(messages(&own), "https://graph.instagram.com/v25.0/17800000000000001/messages");
        let near = read("settings.api_base", json!("http://127.0.0.1:8093/")).unwrap();
        assert_eq!(messages(&near), "http://127.0.0.1:8093/v25.0/300000000000001/messages");
    }
}
