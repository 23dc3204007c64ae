use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::Deserialize;
use serde_json::{Map, Value};
use weft_channel::WebhookCall;

use super::folder::Folder;

/// A webhook as a case writes it.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Webhook {
    method: Option<String>,
    #[serde(default)]
    path: String,
    #[serde(default)]
    query: String,
    /// Besides those of `account.json` and the signature; a null removes one.
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
    pub(super) fn call(&self, folder: &Folder) -> Result<WebhookCall, String> {
        let body = match (&self.body, &self.text) {
            (Some(value), _) => value.to_string().into(),
            (None, text) => Bytes::from(text.clone().unwrap_or_default()),
        };
        self.call_with(body, folder)
    }

    /// The call with another body, signed anew.
    pub(super) fn call_with(&self, body: Bytes, folder: &Folder) -> Result<WebhookCall, String> {
        let method = self.method.as_deref().unwrap_or("POST");
        let mut call = WebhookCall {
            method: Method::from_bytes(method.as_bytes()).map_err(|error| error.to_string())?,
            path_rest: self.path.clone(),
            query: self.query.clone(),
            headers: HeaderMap::new(),
            body,
            received_at: self
                .received_at
                .unwrap_or_else(|| DateTime::from_timestamp(RECEIVED_AT, 0).unwrap_or_default()),
        };
        put_headers(&mut call.headers, &folder.defaults.headers)?;
        (folder.sign)(&mut call);
        put_headers(&mut call.headers, &self.headers)?;
        Ok(call)
    }
}

fn put_headers(headers: &mut HeaderMap, given: &Map<String, Value>) -> Result<(), String> {
    for (name, value) in given {
        let name = HeaderName::try_from(name).map_err(|error| error.to_string())?;
        if value.is_null() {
            headers.remove(name);
            continue;
        }
        let text = value.as_str().unwrap_or_default();
        headers.insert(name, HeaderValue::try_from(text).map_err(|error| error.to_string())?);
    }
    Ok(())
}
