use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use http::HeaderValue;
use schemars::JsonSchema;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use url::{Origin, Url};
use weft_channel::AccountSettings;
use weft_crypto::sign::MacKey;
use weft_domain::Error;

/// One web chat.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Account {
    /// The addresses of the pages that may show this chat, like `https://www.example.org`. None: any page may.
    #[serde(default)]
    pub allowed_origins: Vec<String>,
    /// What visitors' sessions are signed with. Made when left empty; a new one ends all sessions.
    #[schemars(with = "Option<String>")]
    pub session_secret: Option<SecretString>,
}

impl AccountSettings for Account {
    const SECRETS: &'static [&'static str] = &["session_secret"];

    fn validate(&self) -> Result<(), Error> {
        if let Some(index) = self.allowed_origins.iter().position(|origin| origin_of(origin).is_none()) {
            let field = format!("settings.allowed_origins[{index}]");
            return Err(Error::invalid_field(&field, "it must be like `https://www.example.org`"));
        }
        if self.session_secret.is_some() && self.session_key().is_none() {
            let expected = "it must be 32 random bytes in base64url, 43 characters";
            return Err(Error::invalid_field("secrets.session_secret", expected));
        }
        Ok(())
    }
}

impl Account {
    /// The key of the sessions; none until the account has been connected.
    pub(crate) fn session_key(&self) -> Option<MacKey> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(self.session_secret.as_ref()?.expose_secret()).ok()?;
        MacKey::from_base64(&BASE64_STANDARD.encode(bytes).into()).ok()
    }

    /// Whether pages of this origin may show the chat.
    pub(crate) fn allows(&self, origin: &HeaderValue) -> bool {
        if self.allowed_origins.is_empty() {
            return true;
        }
        let Some(asking) = origin.to_str().ok().and_then(origin_of) else { return false };
        self.allowed_origins.iter().any(|allowed| origin_of(allowed).is_some_and(|known| known == asking))
    }
}

/// An address without path, as browsers send it.
fn origin_of(text: &str) -> Option<Origin> {
    let url = Url::parse(text).ok()?;
    let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let is_web = matches!(url.scheme(), "http" | "https") && url.username().is_empty();
    Some(url.origin()).filter(|origin| is_bare && is_web && origin.is_tuple())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use weft_channel::{make_secret, read_account};

    use super::*;

    fn read(settings: Value, secrets: Value) -> Result<Account, Error> {
        let object = |value: Value| value.as_object().cloned().unwrap();
        read_account(&object(settings), &object(secrets))
    }

    #[test]
    fn each_field_is_checked_and_named() {
        for origin in ["www.example.org", "https://example.org/chat", "ftp://example.org", "null", "*"] {
            let error = read(json!({"allowed_origins": ["https://a.example", origin]}), json!({}));
            assert_eq!(error.unwrap_err().field(), Some("settings.allowed_origins[1]"), "{origin}");
        }
        let error = read(json!({}), json!({"session_secret": "short"})).unwrap_err();
        assert_eq!(error.field(), Some("secrets.session_secret"));
        let made = make_secret();
        let account = read(json!({}), json!({"session_secret": made.expose_secret()})).unwrap();
        assert!(account.session_key().is_some());
    }

    #[test]
    fn only_the_named_origins_are_allowed() {
        let account = read(json!({"allowed_origins": ["https://Example.org:443/"]}), json!({})).unwrap();
        let allows = |text: &'static str| account.allows(&HeaderValue::from_static(text));
        assert!(allows("https://example.org"));
        for other in ["http://example.org", "https://example.org.evil", "https://a.example.org", "null"] {
            assert!(!allows(other), "{other}");
        }
        assert!(read(json!({}), json!({})).unwrap().allows(&HeaderValue::from_static("null")));
    }
}
