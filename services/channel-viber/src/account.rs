use http::{HeaderName, HeaderValue};
use schemars::JsonSchema;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::Value;
use url::Url;
use weft_channel::{AccountSettings, ProviderCall, SendError};
use weft_domain::Error;

const TOKEN_HEADER: HeaderName = HeaderName::from_static("x-viber-auth-token");
const MAX_NAME_CHARS: usize = 28;

/// One bot.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Account {
    /// The bot's authentication token, from its page in the Viber Admin Panel.
    #[schemars(with = "String")]
    pub auth_token: SecretString,
    /// The name above the bot's messages, at most 28 characters.
    pub bot_name: String,
    /// The picture beside the bot's messages, an https address.
    pub avatar: Option<Url>,
    /// Where the API is.
    #[serde(default = "api_base")]
    #[schemars(default = "api_base")]
    pub api_base: Url,
}

impl AccountSettings for Account {
    const SECRETS: &'static [&'static str] = &["auth_token"];

    fn validate(&self) -> Result<(), Error> {
        // Viber's calls are signed with it, too, and anybody can sign with nothing
        if self.auth_token.expose_secret().is_empty() || self.token_header().is_err() {
            let expected = "it must be as the Admin Panel shows it";
            return Err(Error::invalid_field("secrets.auth_token", expected));
        }
        if !(1..=MAX_NAME_CHARS).contains(&self.bot_name.chars().count()) {
            return Err(Error::invalid_field("settings.bot_name", "it must have 1 to 28 characters"));
        }
        if !matches!(self.api_base.scheme(), "https" | "http") {
            return Err(Error::invalid_field("settings.api_base", "it must be a web address"));
        }
        Ok(())
    }
}

impl Account {
    /// A call of a method.
    pub(crate) fn call(&self, method: &'static str, body: Value) -> Result<ProviderCall, SendError> {
        let mut url = self.api_base.clone();
        // cannot fail: `validate` lets only web addresses pass
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push(method);
        }
        Ok(ProviderCall::post(url, method).json(body).header(TOKEN_HEADER, self.token_header()?))
    }

    fn token_header(&self) -> Result<HeaderValue, SendError> {
        HeaderValue::from_str(self.auth_token.expose_secret())
            .map_err(|_| SendError::account_invalid("the token has characters that a header cannot carry"))
    }
}

fn api_base() -> Url {
    Url::parse("https://chatapi.viber.com/pa").expect("a fixed address")
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use weft_channel::read_account;

    use super::*;

    #[test]
    fn each_field_is_checked_and_named() {
        let fault = |settings: Value, token: &str| -> Option<String> {
            let object = |value: Value| value.as_object().cloned().unwrap();
            let error =
                read_account::<Account>(&object(settings), &object(json!({"auth_token": token}))).err()?;
            error.field().map(ToOwned::to_owned)
        };
        assert_eq!(fault(json!({"bot_name": "Acme"}), "").as_deref(), Some("secrets.auth_token"));
        assert_eq!(fault(json!({"bot_name": "A".repeat(29)}), "t").as_deref(), Some("settings.bot_name"));
        let elsewhere = json!({"bot_name": "Acme", "api_base": "ftp://x"});
        assert_eq!(fault(elsewhere, "t").as_deref(), Some("settings.api_base"));
        assert_eq!(fault(json!({"bot_name": "Акме 🏔"}), "t"), None);
    }
}
