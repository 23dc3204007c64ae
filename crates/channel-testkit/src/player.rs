use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use weft_channel::{
    Download, PartContent, ProviderBody, ProviderCall, ProviderReply, Transport, TransportError,
};

/// One answer of a provider that is not there.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Played {
    /// The status; 200 when left out.
    pub status: Option<u16>,
    /// The headers.
    #[serde(default)]
    pub headers: Map<String, Value>,
    /// The body as JSON.
    pub json: Option<Value>,
    /// The body as text.
    pub text: Option<String>,
    /// No answer at all: `refused`, `unreachable`, `interrupted` or `too_large`.
    pub error: Option<String>,
}

/// A transport that plays answers back and keeps the calls.
#[derive(Debug, Default)]
pub struct Player {
    answers: Mutex<VecDeque<Played>>,
    calls: Mutex<Vec<ProviderCall>>,
    route: Option<String>,
}

impl Played {
    /// 200 with this JSON.
    pub fn json(body: Value) -> Self {
        Self { json: Some(body), ..Self::default() }
    }

    /// This status with this text.
    pub fn text(status: u16, body: &str) -> Self {
        Self { status: Some(status), text: Some(body.to_owned()), ..Self::default() }
    }

    /// No answer, for this reason.
    pub fn error(kind: &str) -> Self {
        Self { error: Some(kind.to_owned()), ..Self::default() }
    }

    /// The body's bytes.
    pub fn body(&self) -> Bytes {
        match (&self.json, &self.text) {
            (Some(value), _) => value.to_string().into(),
            (None, text) => text.clone().unwrap_or_default().into(),
        }
    }

    fn answer(&self) -> Result<ProviderReply, TransportError> {
        let why = "as played".to_owned();
        match self.error.as_deref() {
            None => {}
            Some("refused") => return Err(TransportError::Refused { why }),
            Some("unreachable") => return Err(TransportError::Unreachable { why }),
            Some("interrupted") => return Err(TransportError::Interrupted { why }),
            Some("too_large") => return Err(TransportError::TooLarge),
            Some(other) => panic!("no such error to play: {other}"),
        }
        let status = StatusCode::from_u16(self.status.unwrap_or(200));
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
            let pair = (HeaderName::try_from(name), HeaderValue::try_from(text));
            let (Ok(name), Ok(value)) = pair else { panic!("not a header to play: {name}") };
            headers.insert(name, value);
        }
        Ok(ProviderReply { status: status.unwrap_or_default(), headers, body: self.body() })
    }
}

impl Player {
    /// Plays these answers, in this order.
    pub fn new(answers: impl IntoIterator<Item = Played>) -> Self {
        Self { answers: Mutex::new(answers.into_iter().collect()), ..Self::default() }
    }

    /// Says that every thread is answered there.
    #[must_use]
    pub fn with_route(mut self, route: Option<String>) -> Self {
        self.route = route;
        self
    }

    /// The calls so far.
    pub fn calls(&self) -> Vec<ProviderCall> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many answers nobody asked for.
    pub fn unused(&self) -> usize {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn next(&self, call: ProviderCall) -> Result<ProviderReply, TransportError> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).push(call);
        let answer = self.answers.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        answer.unwrap_or_else(|| Played::error("refused")).answer()
    }
}

#[async_trait]
impl Transport for Player {
    async fn call(&self, call: ProviderCall) -> Result<ProviderReply, TransportError> {
        self.next(call)
    }

    async fn route(&self, _thread_id: &str) -> Option<String> {
        self.route.clone()
    }

    async fn download(&self, call: ProviderCall, max_bytes: u64) -> Result<Download, TransportError> {
        let ProviderReply { status, headers, body } = self.next(call)?;
        let fits = u64::try_from(body.len()).is_ok_and(|length| length <= max_bytes);
        let chunk = if fits { Ok(body) } else { Err(TransportError::TooLarge) };
        Ok(Download { status, headers, body: stream::iter([chunk]).boxed() })
    }
}

/// A call as golden cases write it.
pub(crate) fn call_to_value(call: &ProviderCall) -> Value {
    let mut fields = Map::new();
    fields.insert("method".to_owned(), call.method.as_str().into());
    fields.insert("url".to_owned(), call.url.as_str().into());
    if !call.headers.is_empty() {
        fields.insert("headers".to_owned(), headers_to_value(&call.headers));
    }
    if call.with_access_token {
        fields.insert("with_access_token".to_owned(), true.into());
    }
    match &call.body {
        ProviderBody::Empty => {}
        ProviderBody::Json(value) => drop(fields.insert("json".to_owned(), value.clone())),
        ProviderBody::Form(pairs) => {
            let all = pairs.iter().map(|(name, value)| (name.clone(), value.clone().into()));
            fields.insert("form".to_owned(), Value::Object(all.collect()));
        }
        ProviderBody::Multipart(parts) => {
            let all = parts.iter().map(|part| (part.name.clone(), part_to_value(&part.content)));
            fields.insert("multipart".to_owned(), Value::Object(all.collect()));
        }
        ProviderBody::Bytes(mime, bytes) => {
            let shown = match std::str::from_utf8(bytes) {
                Ok(text) => json!({"mime": mime, "text": text}),
                Err(_) => json!({"mime": mime, "base64": STANDARD.encode(bytes)}),
            };
            fields.insert("bytes".to_owned(), shown);
        }
    }
    Value::Object(fields)
}

/// Headers as golden cases write them.
pub(crate) fn headers_to_value(headers: &HeaderMap) -> Value {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    Value::Object(headers.iter().map(|(name, value)| (name.to_string(), text(value).into())).collect())
}

fn part_to_value(content: &PartContent) -> Value {
    match content {
        PartContent::Text(text) => text.clone().into(),
        PartContent::File { name, mime, bytes } => match std::str::from_utf8(bytes) {
            Ok(text) => json!({"file": name, "mime": mime, "text": text}),
            Err(_) => json!({"file": name, "mime": mime, "base64": STANDARD.encode(bytes)}),
        },
    }
}
