use std::{fmt, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::Value;
use url::Url;

/// One HTTP request to the provider.
///
/// Its debug output shows neither path, query, headers' values nor body: providers put tokens into each of them.
#[derive(Clone)]
pub struct ProviderCall {
    /// The HTTP method.
    pub method: Method,
    /// The whole address.
    pub url: Url,
    /// Headers besides those of the body.
    pub headers: HeaderMap,
    /// The body.
    pub body: ProviderBody,
    /// Whether the account's access token goes with it: for whoever makes the call to put on.
    pub with_access_token: bool,
    /// How long the whole call may take.
    pub timeout: Duration,
    /// The group of endpoints it belongs to, for metrics and the circuit breaker; one of few.
    pub endpoint_class: &'static str,
}

/// A request's body.
#[derive(Clone, Default)]
pub enum ProviderBody {
    /// None.
    #[default]
    Empty,
    /// `application/json`.
    Json(Value),
    /// `application/x-www-form-urlencoded`.
    Form(Vec<(String, String)>),
    /// `multipart/form-data`.
    Multipart(Vec<Part>),
    /// These bytes, of this type.
    Bytes(String, Bytes),
}

/// One part of a multipart body.
#[derive(Clone)]
pub struct Part {
    /// The field's name.
    pub name: String,
    /// What it holds.
    pub content: PartContent,
}

/// What a part holds.
#[derive(Clone)]
pub enum PartContent {
    /// A plain value.
    Text(String),
    /// A file.
    File {
        /// The file's name.
        name: String,
        /// Its media type.
        mime: String,
        /// Its content.
        bytes: Bytes,
    },
}

/// What most providers answer within; more only for files.
const TIMEOUT: Duration = Duration::from_secs(15);

impl ProviderCall {
    /// Makes a call without a body.
    pub fn new(method: Method, url: Url, endpoint_class: &'static str) -> Self {
        Self {
            method,
            url,
            headers: HeaderMap::new(),
            body: ProviderBody::Empty,
            with_access_token: false,
            timeout: TIMEOUT,
            endpoint_class,
        }
    }

    /// Makes a GET.
    pub fn get(url: Url, endpoint_class: &'static str) -> Self {
        Self::new(Method::GET, url, endpoint_class)
    }

    /// Makes a POST.
    pub fn post(url: Url, endpoint_class: &'static str) -> Self {
        Self::new(Method::POST, url, endpoint_class)
    }

    /// Gives it a JSON body.
    #[must_use]
    pub fn json(mut self, body: Value) -> Self {
        self.body = ProviderBody::Json(body);
        self
    }

    /// Gives it a form as its body.
    #[must_use]
    pub fn form(mut self, fields: Vec<(String, String)>) -> Self {
        self.body = ProviderBody::Form(fields);
        self
    }

    /// Gives it a multipart body.
    #[must_use]
    pub fn multipart(mut self, parts: Vec<Part>) -> Self {
        self.body = ProviderBody::Multipart(parts);
        self
    }

    /// Gives it bytes of some type as its body.
    #[must_use]
    pub fn bytes(mut self, mime: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        self.body = ProviderBody::Bytes(mime.into(), bytes.into());
        self
    }

    /// Adds a header, marked as sensitive.
    #[must_use]
    pub fn header(mut self, name: HeaderName, mut value: HeaderValue) -> Self {
        value.set_sensitive(true);
        self.headers.insert(name, value);
        self
    }

    /// Has the account's access token go with it, as [`crate::Adapter::access_token`] gets it. It goes to this address,
    /// so the address is one to trust with it.
    #[must_use]
    pub fn with_access_token(mut self) -> Self {
        self.with_access_token = true;
        self
    }

    /// Sets how long the whole call may take.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }
}

impl Part {
    /// A plain value.
    pub fn text(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), content: PartContent::Text(value.into()) }
    }

    /// A file.
    pub fn file(name: impl Into<String>, file: &crate::File) -> Self {
        let content =
            PartContent::File { name: file.name.clone(), mime: file.mime.clone(), bytes: file.bytes.clone() };
        Self { name: name.into(), content }
    }
}

impl fmt::Debug for ProviderCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderCall")
            .field("method", &self.method)
            .field("host", &self.url.host_str())
            .field("body", &self.body)
            .field("timeout", &self.timeout)
            .field("endpoint_class", &self.endpoint_class)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ProviderBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "Empty",
            Self::Json(_) => "Json",
            Self::Form(_) => "Form",
            Self::Multipart(_) => "Multipart",
            Self::Bytes(..) => "Bytes",
        })
    }
}
