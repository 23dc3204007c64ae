use schemars::JsonSchema;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use url::Url;
use weft_channel::AccountSettings;
use weft_domain::Error;

/// One bot.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Account {
    /// The token that @BotFather gave for the bot, like `700000001:AAE…`.
    #[schemars(with = "String")]
    pub bot_token: SecretString,
    /// What Telegram proves itself with when it calls us. Made when left empty.
    #[schemars(with = "Option<String>")]
    pub webhook_secret: Option<SecretString>,
    /// Where the Bot API is; another address for a Bot API server of your own.
    #[serde(default = "api_base")]
    #[schemars(default = "api_base")]
    pub api_base: Url,
    /// How messages come in. Without a public address of ours it is always `polling`.
    #[serde(default)]
    pub mode: Mode,
}

/// How messages come in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Telegram calls us.
    #[default]
    Webhook,
    /// We ask; works behind any firewall.
    Polling,
}

impl AccountSettings for Account {
    const SECRETS: &'static [&'static str] = &["bot_token", "webhook_secret"];
    const MADE_SECRETS: &'static [&'static str] = &["webhook_secret"];

    fn validate(&self) -> Result<(), Error> {
        if !is_token(self.bot_token.expose_secret()) {
            let expected = "it must look like `700000001:AAE…`, as @BotFather gave it";
            return Err(Error::invalid_field("secrets.bot_token", expected));
        }
        if self.webhook_secret.as_ref().is_some_and(|secret| !is_webhook_secret(secret.expose_secret())) {
            let expected = "it must be 1 to 256 letters, digits, `_` or `-`";
            return Err(Error::invalid_field("secrets.webhook_secret", expected));
        }
        let is_web = matches!(self.api_base.scheme(), "https" | "http");
        if !is_web || self.api_base.query().is_some() || self.api_base.fragment().is_some() {
            let expected = "it must be an address like `https://api.telegram.org`";
            return Err(Error::invalid_field("settings.api_base", expected));
        }
        Ok(())
    }
}

impl Account {
    /// The address of a method; holds the token.
    pub(crate) fn method_url(&self, method: &str) -> Url {
        self.url(&[], method)
    }

    /// The address of a file; holds the token.
    pub(crate) fn file_url(&self, path: &str) -> Url {
        self.url(&["file"], path)
    }

    fn url(&self, before: &[&str], after: &str) -> Url {
        let mut url = self.api_base.clone();
        // cannot fail: `validate` lets only http addresses pass
        if let Ok(mut path) = url.path_segments_mut() {
            let bot = format!("bot{}", self.bot_token.expose_secret());
            path.pop_if_empty().extend(before).push(&bot).extend(after.split('/'));
        }
        url
    }
}

fn api_base() -> Url {
    Url::parse("https://api.telegram.org").expect("a fixed address")
}

fn is_token(text: &str) -> bool {
    let Some((id, secret)) = text.split_once(':') else { return false };
    let is_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    is_id && secret.len() >= 20 && is_plain(secret)
}

fn is_webhook_secret(text: &str) -> bool {
    (1..=256).contains(&text.len()) && is_plain(text)
}

fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use weft_channel::read_account;

    use super::*;

    const TOKEN: &str = "700000001:AAExampleExampleExampleExampleExample";

    fn read(settings: Value, secrets: Value) -> Result<Account, Error> {
        let object = |value: Value| value.as_object().cloned().unwrap();
        read_account(&object(settings), &object(secrets))
    }

    #[test]
    fn each_field_is_checked_and_named() {
        let table = [
            (json!({}), json!({"bot_token": "12:short"}), "secrets.bot_token"),
            (json!({}), json!({"bot_token": format!("bot{TOKEN}")}), "secrets.bot_token"),
            (json!({}), json!({"bot_token": TOKEN, "webhook_secret": "a b"}), "secrets.webhook_secret"),
            (json!({"api_base": "ftp://x"}), json!({"bot_token": TOKEN}), "settings.api_base"),
            (json!({"api_base": "https://x/?a"}), json!({"bot_token": TOKEN}), "settings.api_base"),
            (json!({"mode": "push"}), json!({"bot_token": TOKEN}), "settings.mode"),
        ];
        for (settings, secrets, field) in table {
            assert_eq!(read(settings, secrets).unwrap_err().field(), Some(field));
        }
    }

    #[test]
    fn addresses_keep_the_base_and_stay_inside_it() {
        let account = |base: &str| read(json!({"api_base": base}), json!({"bot_token": TOKEN})).unwrap();
        let own = account("https://example.com/api/");
        assert_eq!(own.method_url("getMe").as_str(), format!("https://example.com/api/bot{TOKEN}/getMe"));
        let path = own.file_url("photos/../../../other?x=1#y");
        assert_eq!(path.as_str(), format!("https://example.com/api/file/bot{TOKEN}/photos/other%3Fx=1%23y"));
    }
}
