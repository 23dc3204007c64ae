use schemars::JsonSchema;
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;
use weft_channel::AccountSettings;
use weft_domain::Error;

/// One connected account.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Account {
    /// The token for calls to the provider.
    #[schemars(with = "String")]
    pub token: SecretString,
    /// What the provider proves itself with when it calls us.
    #[schemars(with = "String")]
    pub webhook_secret: SecretString,
    /// Where the provider's API is.
    #[serde(default = "api_base")]
    #[schemars(default = "api_base")]
    pub api_base: Url,
}

impl AccountSettings for Account {
    const SECRETS: &'static [&'static str] = &["token", "webhook_secret"];

    fn validate(&self) -> Result<(), Error> {
        if matches!(self.api_base.scheme(), "https" | "http") {
            return Ok(());
        }
        Err(Error::invalid_field("settings.api_base", "it must be a web address"))
    }
}

impl Account {
    /// The address of one of the API's collections.
    pub(crate) fn url(&self, collection: &str) -> Url {
        let mut url = self.api_base.clone();
        // cannot fail: `validate` lets only web addresses pass
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push(collection);
        }
        url
    }
}

fn api_base() -> Url {
    Url::parse("https://echo.invalid/v1").expect("a fixed address")
}
