//! What the fields of an account may be.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

/// A node's id.
pub fn is_id(text: &str) -> bool {
    (1..=40).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A token or a secret: one word that a header can carry.
pub fn is_word(secret: &SecretString) -> bool {
    let text = secret.expose_secret();
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// A version, like `v25.0`.
pub fn is_version(text: &str) -> bool {
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts = text.strip_prefix('v').and_then(|rest| rest.split_once('.'));
    parts.is_some_and(|(major, minor)| number(major) && number(minor))
}

/// An address that paths can be added to.
pub fn is_base(url: &Url) -> bool {
    matches!(url.scheme(), "https" | "http") && url.query().is_none() && url.fragment().is_none()
}

/// The beginning of a day that is given like `2027-01-31`: Meta's console says on which day a token ends.
pub fn day(text: &str) -> Option<DateTime<Utc>> {
    let day: NaiveDate = text.parse().ok()?;
    Some(day.and_time(NaiveTime::MIN).and_utc())
}

/// Where the graph is.
pub fn api_base() -> Url {
    Url::parse("https://graph.facebook.com").expect("a fixed address")
}

/// The version that these crates were written against.
pub fn api_version() -> String {
    "v25.0".to_owned()
}
