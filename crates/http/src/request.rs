use std::time::Duration;

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use serde::Serialize;
use url::{Url, form_urlencoded};

use crate::{Multipart, body::Body};

/// One call to be made. What is wrong with it comes out when it is sent, as [`Error::Invalid`](crate::Error::Invalid).
#[must_use]
pub struct Request {
    pub(crate) method: Method,
    pub(crate) url: Option<Url>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
    pub(crate) timeout: Option<Duration>,
    pub(crate) max_body: Option<u64>,
    pub(crate) redirects: u32,
    pub(crate) host_class: &'static str,
    pub(crate) template: Option<&'static str>,
    pub(crate) inject_trace: Option<fn(&mut HeaderMap)>,
    pub(crate) fault: Option<String>,
}

impl Request {
    /// A call without body.
    pub fn new(method: Method, url: &str) -> Self {
        let parsed = Url::parse(url);
        // the text stays out of the fault: tokens sit in URLs
        let fault = parsed.as_ref().err().map(|error| format!("the URL cannot be read: {error}"));
        Self {
            method,
            url: parsed.ok(),
            headers: HeaderMap::new(),
            body: Body::None,
            timeout: None,
            max_body: None,
            redirects: 0,
            host_class: "other",
            template: None,
            inject_trace: None,
            fault,
        }
    }

    /// A GET.
    pub fn get(url: &str) -> Self {
        Self::new(Method::GET, url)
    }

    /// A POST.
    pub fn post(url: &str) -> Self {
        Self::new(Method::POST, url)
    }

    /// Adds a pair to the query.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        if let Some(url) = &mut self.url {
            url.query_pairs_mut().append_pair(name, value);
        }
        self
    }

    /// Sets a header.
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        match HeaderValue::from_str(value) {
            Ok(value) => drop(self.headers.insert(name, value)),
            Err(_) => drop(self.fault.get_or_insert(format!("the value of header {name}"))),
        }
        self
    }

    /// Sets a header that no log shows and no redirect to another host carries.
    pub fn secret_header(mut self, name: HeaderName, value: &str) -> Self {
        self = self.header(name.clone(), value);
        if let Some(value) = self.headers.get_mut(name) {
            value.set_sensitive(true);
        }
        self
    }

    /// Sets `Authorization: Bearer`.
    pub fn bearer(self, token: &str) -> Self {
        self.secret_header(AUTHORIZATION, &format!("Bearer {token}"))
    }

    /// Sends JSON.
    pub fn json(mut self, value: &impl Serialize) -> Self {
        match serde_json::to_vec(value) {
            Ok(bytes) => self.bytes("application/json", bytes.into()),
            Err(error) => {
                self.fault.get_or_insert(format!("the JSON body: {error}"));
                self
            }
        }
    }

    /// Sends a form (`application/x-www-form-urlencoded`).
    pub fn form<K: AsRef<str>, V: AsRef<str>>(self, pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        let encoded = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        self.bytes("application/x-www-form-urlencoded", encoded.into())
    }

    /// Sends bytes of some type.
    pub fn bytes(mut self, content_type: &str, content: Bytes) -> Self {
        self.body = Body::Bytes(content);
        self.header(CONTENT_TYPE, content_type)
    }

    /// Sends a form with files.
    pub fn multipart(mut self, form: Multipart) -> Self {
        self.body = Body::Multipart(form);
        self
    }

    /// Sets how long the call may take, to its last byte.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets how many bytes the answer may have.
    pub fn max_body(mut self, bytes: u64) -> Self {
        self.max_body = Some(bytes);
        self
    }

    /// Follows up to `hops` redirects of a GET or HEAD, each checked like the first URL. Other methods are not redirected.
    pub fn follow_redirects(mut self, hops: u32) -> Self {
        self.redirects = hops;
        self
    }

    /// Names the kind of host in metrics, like `echo` or `webhook`: one of few words.
    pub fn host_class(mut self, class: &'static str) -> Self {
        self.host_class = class;
        self
    }

    /// Names the path in traces, like `/bot{token}/sendMessage`; the real one never shows.
    pub fn template(mut self, template: &'static str) -> Self {
        self.template = Some(template);
        self
    }

    /// Lets `inject` (of `weft-telemetry`) add the trace's headers, inside the call's span. Not for providers.
    pub fn propagate_trace(mut self, inject: fn(&mut HeaderMap)) -> Self {
        self.inject_trace = Some(inject);
        self
    }
}
