use http::HeaderValue;
use schemars::JsonSchema;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use url::Url;
use weft_channel::{AccountSettings, SendError};
use weft_domain::Error;

/// One app in one workspace.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Account {
    /// The workspace's id, like `T0123ABCD`: it follows `app.slack.com/client/` in the browser's address.
    pub team_id: String,
    /// The “Bot User OAuth Token” under OAuth & Permissions of the app; it begins with `xoxb-`.
    #[schemars(with = "String")]
    pub bot_token: SecretString,
    /// The “Signing Secret” under Basic Information of the app. Slack signs its calls with it.
    #[schemars(with = "String")]
    pub signing_secret: SecretString,
    /// Shows an agent's name over each message instead of the app's; needs the permission `chat:write.customize`.
    #[serde(default)]
    pub show_agent_names: bool,
    /// Where the Web API is.
    #[serde(default = "api_base")]
    #[schemars(default = "api_base")]
    pub api_base: Url,
}

impl AccountSettings for Account {
    const SECRETS: &'static [&'static str] = &["bot_token", "signing_secret"];

    fn provider_ids(&self) -> Vec<String> {
        vec![self.team_id.clone()]
    }

    fn validate(&self) -> Result<(), Error> {
        let is_web = matches!(self.api_base.scheme(), "https" | "http");
        let is_base = is_web && self.api_base.query().is_none() && self.api_base.fragment().is_none();
        let demands = [
            (is_team(&self.team_id), "settings.team_id", "it must look like `T0123ABCD`"),
            (is_word(&self.bot_token), "secrets.bot_token", "it must be of letters, digits and signs"),
            (is_word(&self.signing_secret), "secrets.signing_secret", "it must be of letters and digits"),
            (is_base, "settings.api_base", "it must be an address like `https://slack.com/api`"),
        ];
        match demands.iter().find(|(holds, ..)| !holds) {
            Some((_, field, expected)) => Err(Error::invalid_field(field, *expected)),
            None => Ok(()),
        }
    }
}

impl Account {
    /// The address of a method.
    pub(crate) fn url(&self, method: &str) -> Url {
        let mut url = self.api_base.clone();
        // cannot fail: `validate` lets only web addresses pass
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push(method);
        }
        url
    }

    /// What proves to Slack who calls.
    pub(crate) fn bearer(&self) -> Result<HeaderValue, SendError> {
        HeaderValue::from_str(&format!("Bearer {}", self.bot_token.expose_secret())).map_err(|_| {
            SendError::account_invalid("the bot token has characters that a header cannot carry")
        })
    }

    /// Whether an address is Slack's own, so that it may be shown the token.
    pub(crate) fn is_of_slack(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        let is_slack = url.scheme() == "https" && (host == "slack.com" || host.ends_with(".slack.com"));
        is_slack || url.origin() == self.api_base.origin()
    }
}

fn api_base() -> Url {
    Url::parse("https://slack.com/api").expect("a fixed address")
}

fn is_team(text: &str) -> bool {
    let rest = text.strip_prefix(['T', 'E']).unwrap_or_default();
    (1..=30).contains(&rest.len())
        && rest.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

fn is_word(secret: &SecretString) -> bool {
    let text = secret.expose_secret();
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use weft_channel::read_account;

    use super::*;

    fn read(field: &str, value: &str) -> Result<Account, Error> {
        let mut settings = json!({"team_id": "T0EXAMPLE1"});
        let mut secrets = json!({"bot_token": "xoxb-example", "signing_secret": "0123abcd"});
        match field.split_once('.') {
            Some(("settings", name)) => settings[name] = value.into(),
            Some((_, name)) => secrets[name] = value.into(),
            None => {}
        }
        let object = |value: Value| value.as_object().cloned().unwrap();
        read_account(&object(settings), &object(secrets))
    }

    #[test]
    fn each_field_is_checked_and_named() {
        let table = [
            ("settings.team_id", "acme.slack.com"),
            ("settings.team_id", "T"),
            ("secrets.bot_token", "two words"),
            ("secrets.signing_secret", ""),
            ("settings.api_base", "ftp://slack.com"),
            ("settings.api_base", "https://slack.com/api?a"),
        ];
        for (field, value) in table {
            assert_eq!(read(field, value).unwrap_err().field(), Some(field));
        }
        assert_eq!(read("", "").unwrap().url("auth.test").as_str(), "https://slack.com/api/auth.test");
    }

    #[test]
    fn only_slack_is_shown_the_token() {
        let account = read("settings.api_base", "http://127.0.0.1:9/api").unwrap();
        let table = [
            ("https://files.slack.com/files-pri/T0-F0/a.png", true),
            ("https://slack.com/a", true),
            ("http://127.0.0.1:9/files/a", true),
            ("http://files.slack.com/a", false),
            ("https://slack.com.example.org/a", false),
            ("https://notslack.com/a", false),
            ("http://127.0.0.1:10/a", false),
        ];
        for (url, is_slack) in table {
            assert_eq!(account.is_of_slack(&url.parse().unwrap()), is_slack, "{url}");
        }
    }
}
