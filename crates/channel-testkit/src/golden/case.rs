use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::Deserialize;
use serde_json::{Map, Value};
use weft_channel::WebhookCall;

/// A webhook as a case writes it.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Webhook {
    method: Option<String>,
    #[serde(default)]
    path: String,
    #[serde(default)]
    query: String,
    /// Besides those of `account.json`; a null removes one.
    #[serde(default)]
    headers: Map<String, Value>,
    /// The body as JSON.
    pub(super) body: Option<Value>,
    /// The body as text.
    text: Option<String>,
    received_at: Option<DateTime<Utc>>,
}

/// When cases came that do not say.
const RECEIVED_AT: i64 = 1_767_225_999;

impl Webhook {
    pub(super) fn call(&self, defaults: &Map<String, Value>) -> Result<WebhookCall, String> {
        let mut given = defaults.clone();
        given.extend(self.headers.clone());
        let mut headers = HeaderMap::new();
        for (name, value) in given.iter().filter(|(_, value)| !value.is_null()) {
            let text = value.as_str().unwrap_or_default();
            let name = HeaderName::try_from(name).map_err(|error| error.to_string())?;
            headers.insert(name, HeaderValue::try_from(text).map_err(|error| error.to_string())?);
        }
        let method = self.method.as_deref().unwrap_or("POST");
        let body = match (&self.body, &self.text) {
            (Some(value), _) => value.to_string().into(),
            (None, text) => Bytes::from(text.clone().unwrap_or_default()),
        };
        Ok(WebhookCall {
            method: Method::from_bytes(method.as_bytes()).map_err(|error| error.to_string())?,
            path_rest: self.path.clone(),
            query: self.query.clone(),
            headers,
            body,
            received_at: self
                .received_at
                .unwrap_or_else(|| DateTime::from_timestamp(RECEIVED_AT, 0).unwrap_or_default()),
        })
    }
}
