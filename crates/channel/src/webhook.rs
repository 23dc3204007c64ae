use std::{borrow::Cow, collections::BTreeSet, fmt};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, Method, StatusCode, header};
use secrecy::SecretString;
use thiserror::Error;

use crate::same_secret;

/// A call of the provider to an account's webhook.
#[derive(Clone)]
pub struct WebhookCall {
    /// The HTTP method; some providers greet with GET.
    pub method: Method,
    /// What follows the account's own path, without a leading slash.
    pub path_rest: String,
    /// The query, still encoded.
    pub query: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The raw body: what signatures are made over.
    pub body: Bytes,
    /// When it came.
    pub received_at: DateTime<Utc>,
}

/// Whom a call is for that came to the address of all accounts of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Addressees {
    /// The accounts that the provider calls so; those that nobody here knows are passed over.
    Called(BTreeSet<String>),
    /// It does not say, like a greeting: whoever finds it genuine.
    Anybody,
}

/// What the provider is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookReply {
    /// The status.
    pub status: StatusCode,
    /// The body's type.
    pub content_type: Cow<'static, str>,
    /// The body.
    pub body: Bytes,
    /// Headers besides the body's type, as handshakes want them.
    pub headers: HeaderMap,
}

/// Why a call is not believed to be the provider's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum VerifyError {
    /// It carries no signature.
    #[error("the call carries no signature")]
    Missing,
    /// The signature is of another secret or another body.
    #[error("the call's signature is wrong")]
    Wrong,
    /// It was signed too long ago, or in the future.
    #[error("the call's signature is out of date")]
    Stale,
    /// It is signed with a key that is not among the published ones, or not yet.
    #[error("the call is signed with an unknown key")]
    UnknownKey,
    /// The account has nothing to check it with.
    #[error("the account has no secret to check calls with")]
    NoSecret,
}

/// Why a call of the provider could not be understood. It is kept as a dead letter and answered with 200.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the call cannot be read: {why}")]
pub struct ReceiveError {
    /// What was wrong, without its content.
    pub why: String,
}

impl WebhookCall {
    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// A value of the query, decoded.
    pub fn query_value(&self, name: &str) -> Option<String> {
        let mut pairs = url::form_urlencoded::parse(self.query.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// Checks a header that must carry the account's secret as it is.
    pub fn verify_secret_header(&self, name: &str, secret: Option<&SecretString>) -> Result<(), VerifyError> {
        let expected = secret.ok_or(VerifyError::NoSecret)?;
        let given = self.headers.get(name).ok_or(VerifyError::Missing)?;
        if same_secret(expected, given.as_bytes()) { Ok(()) } else { Err(VerifyError::Wrong) }
    }

    /// Reads the body as JSON; the error says where it went wrong and never quotes the body.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, ReceiveError> {
        serde_json::from_slice(&self.body).map_err(|error| ReceiveError::from_json(&error))
    }
}

impl ReceiveError {
    /// What was wrong with JSON, without quoting it.
    pub fn from_json(error: &serde_json::Error) -> Self {
        let kind = match error.classify() {
            serde_json::error::Category::Data => "JSON of another shape than expected",
            _ => "not JSON",
        };
        Self { why: format!("{kind}, line {}, column {}", error.line(), error.column()) }
    }
}

impl WebhookReply {
    /// 200 with a text, as handshakes want it.
    pub fn text(body: impl Into<Bytes>) -> Self {
        Self { content_type: "text/plain".into(), body: body.into(), ..Self::default() }
    }
}

impl Default for WebhookReply {
    fn default() -> Self {
        Self {
            status: StatusCode::OK,
            content_type: "application/json".into(),
            body: Bytes::from_static(b"{}"),
            headers: HeaderMap::new(),
        }
    }
}

impl fmt::Debug for WebhookCall {
    /// Leaves out what may hold secrets or people's words: values of headers and query, and the body.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.keys().map(header::HeaderName::as_str).collect();
        f.debug_struct("WebhookCall")
            .field("method", &self.method)
            .field("headers", &names)
            .field("body_bytes", &self.body.len())
            .field("received_at", &self.received_at)
            .finish_non_exhaustive()
    }
}
