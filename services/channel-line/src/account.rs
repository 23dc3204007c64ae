use http::{HeaderValue, Method, header};
use schemars::JsonSchema;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use url::Url;
use weft_channel::{AccountSettings, ProviderCall, SendError};
use weft_domain::Error;

/// One official account's Messaging API channel.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Account {
    /// The long-lived channel access token, from the tab “Messaging API” of the LINE Developers Console.
    #[schemars(with = "String")]
    pub channel_access_token: SecretString,
    /// The channel secret, from the tab “Basic settings”; LINE signs its calls with it.
    #[schemars(with = "String")]
    pub channel_secret: SecretString,
    /// Show contacts that their messages were read as soon as they are here.
    #[serde(default)]
    pub mark_as_read: bool,
    /// The picture shown in place of a video before it plays, an https address. Without it videos go as links.
    pub video_preview: Option<Url>,
    /// Where the API is.
    #[serde(default = "api_base")]
    #[schemars(default = "api_base")]
    pub api_base: Url,
    /// Where the files of contacts are.
    #[serde(default = "data_base")]
    #[schemars(default = "data_base")]
    pub data_base: Url,
}

impl AccountSettings for Account {
    const SECRETS: &'static [&'static str] = &["channel_access_token", "channel_secret"];

    fn validate(&self) -> Result<(), Error> {
        if self.bearer().is_err() {
            let expected = "it has characters that a token never has";
            return Err(Error::invalid_field("secrets.channel_access_token", expected));
        }
        // anybody can sign with nothing
        if self.channel_secret.expose_secret().is_empty() {
            return Err(Error::invalid_field("secrets.channel_secret", "it must not be empty"));
        }
        if self.video_preview.as_ref().is_some_and(|url| url.scheme() != "https") {
            return Err(Error::invalid_field("settings.video_preview", "it must begin with https://"));
        }
        for (name, url) in [("api_base", &self.api_base), ("data_base", &self.data_base)] {
            if !matches!(url.scheme(), "https" | "http") {
                return Err(Error::invalid_field(&format!("settings.{name}"), "it must be a web address"));
            }
        }
        Ok(())
    }
}

impl Account {
    /// A call of the API.
    pub(crate) fn call(
        &self,
        method: Method,
        path: &[&str],
        class: &'static str,
    ) -> Result<ProviderCall, SendError> {
        self.call_at(&self.api_base, method, path, class)
    }

    /// A call for the file that came with a message.
    pub(crate) fn content_call(&self, message_id: &str) -> Result<ProviderCall, SendError> {
        self.call_at(&self.data_base, Method::GET, &["message", message_id, "content"], "content")
    }

    fn call_at(
        &self,
        base: &Url,
        method: Method,
        path: &[&str],
        class: &'static str,
    ) -> Result<ProviderCall, SendError> {
        let mut url = base.clone();
        // cannot fail: `validate` lets only web addresses pass
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["v2", "bot"]).extend(path);
        }
        Ok(ProviderCall::new(method, url, class).header(header::AUTHORIZATION, self.bearer()?))
    }

    fn bearer(&self) -> Result<HeaderValue, SendError> {
        HeaderValue::from_str(&format!("Bearer {}", self.channel_access_token.expose_secret()))
            .map_err(|_| SendError::account_invalid("the channel access token cannot be sent in a header"))
    }
}

fn api_base() -> Url {
    Url::parse("https://api.line.me").expect("a fixed address")
}

fn data_base() -> Url {
    Url::parse("https://api-data.line.me").expect("a fixed address")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use weft_channel::read_account;

    use super::*;

    #[test]
    fn each_field_is_checked_and_named() {
        let read = |settings: Value, token: &str, secret: &str| -> Option<String> {
            let object = |value: Value| value.as_object().cloned().unwrap();
            let secrets = json!({"channel_access_token": token, "channel_secret": secret});
            let error = read_account::<Account>(&object(settings), &object(secrets)).err()?;
            error.field().map(ToOwned::to_owned)
        };
        assert_eq!(read(json!({}), "a\nb", "s").as_deref(), Some("secrets.channel_access_token"));
        assert_eq!(read(json!({}), "t", "").as_deref(), Some("secrets.channel_secret"));
        let preview = json!({"video_preview": "http://example.com/a.jpg"});
        assert_eq!(read(preview, "t", "s").as_deref(), Some("settings.video_preview"));
        assert_eq!(read(json!({"data_base": "ftp://x"}), "t", "s").as_deref(), Some("settings.data_base"));
        assert_eq!(read(json!({}), "t", "s"), None);
    }
}
