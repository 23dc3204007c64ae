use std::collections::BTreeMap;

use axum::{
    body::{Body, to_bytes},
    extract::{FromRequest as _, Multipart},
};
use http::{Request, header};
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::{SentFile, answer::Refusal};

/// More than the largest file that is taken.
const MAX_BODY: usize = 60_000_000;

/// A call's parameters, however they came: query, form, JSON or multipart.
#[derive(Debug, Default)]
pub(super) struct Parameters {
    pub(super) values: Map<String, Value>,
    pub(super) files: BTreeMap<String, SentFile>,
}

impl Parameters {
    pub(super) async fn read(request: Request<Body>) -> Result<Self, Refusal> {
        let mut all = Self::default();
        all.add_pairs(request.uri().query().unwrap_or_default().as_bytes());
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind = kind.unwrap_or_default().to_owned();
        if kind.starts_with("multipart/form-data") {
            all.add_multipart(request).await?;
            return Ok(all);
        }
        let body = to_bytes(request.into_body(), MAX_BODY).await.map_err(|_| Refusal::too_large())?;
        if kind.starts_with("application/json") && !body.is_empty() {
            let fields: Map<String, Value> =
                serde_json::from_slice(&body).map_err(|_| Refusal::bad_request("can't parse JSON object"))?;
            all.values.extend(fields);
        } else {
            all.add_pairs(&body);
        }
        Ok(all)
    }

    fn add_pairs(&mut self, encoded: &[u8]) {
        let pairs = form_urlencoded::parse(encoded);
        self.values.extend(pairs.map(|(name, value)| (name.into_owned(), Value::String(value.into_owned()))));
    }

    async fn add_multipart(&mut self, request: Request<Body>) -> Result<(), Refusal> {
        let unreadable = || Refusal::bad_request("can't parse multipart form");
        let mut parts = Multipart::from_request(request, &()).await.map_err(|_| unreadable())?;
        while let Some(part) = parts.next_field().await.map_err(|_| unreadable())? {
            let name = part.name().unwrap_or_default().to_owned();
            let Some(file_name) = part.file_name().map(ToOwned::to_owned) else {
                self.values.insert(name, part.text().await.map_err(|_| unreadable())?.into());
                continue;
            };
            let mime = part.content_type().unwrap_or("application/octet-stream").to_owned();
            let bytes = part.bytes().await.map_err(|_| Refusal::too_large())?;
            self.files.insert(name, SentFile { name: file_name, mime, size: bytes.len(), bytes });
        }
        Ok(())
    }

    /// A text; numbers count as their digits.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        match self.values.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Null => None,
            other => Some(other.to_string()),
        }
    }

    pub(super) fn integer(&self, name: &str) -> Option<i64> {
        self.text(name)?.parse().ok()
    }

    pub(super) fn number(&self, name: &str) -> Option<f64> {
        self.text(name)?.parse().ok()
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.text(name).is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }

    /// A nested object; in forms it is JSON in a text.
    pub(super) fn object(&self, name: &str) -> Result<Option<Value>, Refusal> {
        match self.values.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => serde_json::from_str(text)
                .map(Some)
                .map_err(|_| Refusal::bad_request("can't parse JSON encoded parameter")),
            Some(value) => Ok(Some(value.clone())),
        }
    }
}
