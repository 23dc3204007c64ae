use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use http::HeaderValue;
use schemars::JsonSchema;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use url::{Origin, Url};
use weft_auth::TrustedKey;
use weft_channel::AccountSettings;
use weft_crypto::sign::MacKey;
use weft_domain::Error;

use crate::{
    accepted,
    form::{self, Question},
    hours::{self, Hours},
};

/// The shortest secret that nobody guesses.
const MIN_SECRET_CHARS: usize = 16;

/// One web chat.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Account {
    /// The addresses of the pages that may show this chat, like `https://www.example.org`. None: any page may.
    #[serde(default)]
    pub allowed_origins: Vec<String>,
    /// What visitors are asked before they write. Without answers to what is required nobody writes.
    #[serde(default)]
    pub pre_chat: Vec<Question>,
    /// The types of files that visitors may send, like `image/*` or `application/pdf`. An empty list: none.
    #[serde(default = "accepted::usual")]
    pub accepted_files: Vec<String>,
    /// The time zone of the business hours, like `Europe/Berlin`.
    #[serde(default = "utc")]
    pub time_zone: String,
    /// When somebody is there. None: always.
    #[serde(default)]
    pub business_hours: Vec<Hours>,
    /// Whether the chat counts as closed, too, while no agent is available.
    #[serde(default)]
    pub closed_without_agents: bool,
    /// What visitors read while the chat is closed; they then leave an e-mail address with their message.
    #[serde(default)]
    pub closed_text: String,
    /// Whether only visitors write whom your server vouches for.
    #[serde(default)]
    pub require_identity: bool,
    /// Whom the tokens of your server have to be for (`aud`). Without public keys it may be left out: then it is not looked at.
    pub identity_audience: Option<String>,
    /// Public keys, in PEM, that your server signs visitors' tokens with (RS256, ES256). Several while one is replaced.
    #[serde(default)]
    pub identity_public_keys: Vec<String>,
    /// Secrets that your server signs visitors' ids with (HMAC-SHA256). Several while one is replaced.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub identity_hash_secrets: Vec<SecretString>,
    /// Secrets that your server signs visitors' tokens with (HS256). Several while one is replaced.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub identity_token_secrets: Vec<SecretString>,
    /// What visitors' sessions are signed with. Made when left empty; a new one ends all sessions.
    #[schemars(with = "Option<String>")]
    pub session_secret: Option<SecretString>,
}

impl AccountSettings for Account {
    const SECRETS: &'static [&'static str] =
        &["identity_hash_secrets", "identity_token_secrets", "session_secret"];

    fn validate(&self) -> Result<(), Error> {
        if let Some(index) = self.allowed_origins.iter().position(|origin| origin_of(origin).is_none()) {
            let field = format!("settings.allowed_origins[{index}]");
            return Err(Error::invalid_field(&field, "it must be like `https://www.example.org`"));
        }
        form::validate(&self.pre_chat)?;
        accepted::validate(&self.accepted_files)?;
        hours::validate(&self.business_hours, &self.time_zone)?;
        if let Some(index) =
            self.identity_public_keys.iter().position(|pem| TrustedKey::public_pem(pem).is_none())
        {
            let field = format!("settings.identity_public_keys[{index}]");
            return Err(Error::invalid_field(&field, "it must be a public RSA or P-256 key in PEM"));
        }
        // whoever has the keys signs for others, too
        let audience = self.identity_audience.as_deref().unwrap_or_default();
        if !self.identity_public_keys.is_empty() && audience.trim().is_empty() {
            let words =
                "give it together with `identity_public_keys`: else tokens for others would prove, too";
            return Err(Error::invalid_field("settings.identity_audience", words));
        }
        self.validate_secrets()?;
        let is_provable = !self.identity_public_keys.is_empty()
            || !self.identity_hash_secrets.is_empty()
            || !self.identity_token_secrets.is_empty();
        if self.require_identity && !is_provable {
            let words = "nobody could prove who they are: give `identity_hash_secrets`, \
                         `identity_token_secrets` or `identity_public_keys`";
            return Err(Error::invalid_field("settings.require_identity", words));
        }
        if self.session_secret.is_some() && self.session_key().is_none() {
            let expected = "it must be 32 random bytes in base64url, 43 characters";
            return Err(Error::invalid_field("secrets.session_secret", expected));
        }
        Ok(())
    }
}

impl Account {
    fn validate_secrets(&self) -> Result<(), Error> {
        let lists = [
            ("identity_hash_secrets", &self.identity_hash_secrets),
            ("identity_token_secrets", &self.identity_token_secrets),
        ];
        let is_short = |secret: &SecretString| secret.expose_secret().chars().count() < MIN_SECRET_CHARS;
        for (name, secrets) in lists {
            if let Some(index) = secrets.iter().position(is_short) {
                let field = format!("secrets.{name}[{index}]");
                let words = format!("it must be at least {MIN_SECRET_CHARS} characters long");
                return Err(Error::invalid_field(&field, words));
            }
        }
        // the HMAC of an id that looks like a token would be that token's signature
        let hashes = |secret: &SecretString| {
            self.identity_hash_secrets.iter().any(|other| other.expose_secret() == secret.expose_secret())
        };
        if let Some(index) = self.identity_token_secrets.iter().position(hashes) {
            let field = format!("secrets.identity_token_secrets[{index}]");
            return Err(Error::invalid_field(&field, "it must be none of `identity_hash_secrets`"));
        }
        Ok(())
    }

    /// The key of the sessions; none until the account has been connected.
    pub(crate) fn session_key(&self) -> Option<MacKey> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(self.session_secret.as_ref()?.expose_secret()).ok()?;
        MacKey::from_base64(&BASE64_STANDARD.encode(bytes).into()).ok()
    }

    /// Whether sessions of the one hold in the other.
    pub(crate) fn has_session_secret_of(&self, other: &Self) -> bool {
        let secret =
            |account: &Self| account.session_secret.as_ref().map(|key| key.expose_secret().to_owned());
        secret(self) == secret(other)
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

fn utc() -> String {
    "UTC".to_owned()
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
        let field = |settings, secrets| read(settings, secrets).unwrap_err().field().unwrap().to_owned();
        let pem = json!({"identity_public_keys": ["-----BEGIN PUBLIC KEY-----"]});
        assert_eq!(field(pem, json!({})), "settings.identity_public_keys[0]");
        for name in ["identity_hash_secrets", "identity_token_secrets"] {
            let secrets = json!({name: ["long enough for anybody", "short"]});
            assert_eq!(field(json!({}), secrets), format!("secrets.{name}[1]"));
        }
        assert_eq!(field(json!({"require_identity": true}), json!({})), "settings.require_identity");
        assert_eq!(field(json!({"time_zone": "Berlin"}), json!({})), "settings.time_zone");
        assert_eq!(field(json!({"accepted_files": ["png"]}), json!({})), "settings.accepted_files[0]");
        assert_eq!(field(json!({"pre_chat": [{"name": "a"}]}), json!({})), "settings.label");
    }

    #[test]
    fn a_secret_signs_either_ids_or_tokens() {
        let secrets = json!({
            "identity_hash_secrets": ["a secret of the shop", "another secret of it"],
            "identity_token_secrets": ["a third secret of it", "another secret of it"],
        });
        let error = read(json!({}), secrets).unwrap_err();
        assert_eq!(error.field(), Some("secrets.identity_token_secrets[1]"));
        let apart = json!({
            "identity_hash_secrets": ["a secret of the shop"],
            "identity_token_secrets": ["a third secret of it"],
        });
        assert!(read(json!({}), apart).is_ok());
    }

    #[test]
    fn tokens_of_a_public_key_must_be_for_somebody() {
        let pem = weft_auth::RsaSigner::generate("k1").unwrap().public_pem().unwrap();
        for audience in [json!(null), json!(""), json!(" ")] {
            let settings = json!({"identity_public_keys": [pem], "identity_audience": audience});
            let error = read(settings, json!({})).unwrap_err();
            assert_eq!(error.field(), Some("settings.identity_audience"));
        }
        assert!(read(json!({"identity_public_keys": [pem], "identity_audience": "chat"}), json!({})).is_ok());
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
