//! Takes secrets out of what goes into logs.

use std::fmt;

use http::HeaderMap;

const MASK: &str = "***";
/// A path segment of this length with both letters and digits is taken for a token.
const TOKEN_LENGTH: usize = 20;
/// Headers whose values may be logged; whatever is not here is masked.
const PLAIN_HEADERS: [&str; 14] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "host",
    "retry-after",
    "traceparent",
    "transfer-encoding",
    "user-agent",
];

/// Holds a value that logs and debug output never show.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Redacted<T>(pub T);

impl<T> Redacted<T> {
    /// The value itself.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for Redacted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl<T> fmt::Display for Redacted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

/// A URL without user, query values, fragment and whatever in its path looks like a token.
pub fn url(text: &str) -> String {
    let (before_fragment, _fragment) = text.split_once('#').unwrap_or((text, ""));
    let (before_query, query) = match before_fragment.split_once('?') {
        Some((start, query)) => (start, Some(query)),
        None => (before_fragment, None),
    };
    let (scheme, rest) = match before_query.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), before_query),
    };
    let (authority, path) = match rest.split_once('/') {
        Some((authority, path)) => (authority, Some(path)),
        None => (rest, None),
    };
    let host = authority.rsplit_once('@').map_or(authority, |(_user, host)| host);

    let mut masked = scheme + host;
    if let Some(segments) = path {
        for segment in segments.split('/') {
            masked.push('/');
            masked.push_str(if looks_secret(segment) { MASK } else { segment });
        }
    }
    if let Some(pairs) = query {
        let names = pairs.split('&').map(|pair| match pair.split_once('=') {
            Some((name, _value)) => format!("{name}={MASK}"),
            // a value alone may be the token
            None => MASK.to_owned(),
        });
        masked.push('?');
        masked.push_str(&names.collect::<Vec<_>>().join("&"));
    }
    masked
}

/// Headers for a log: values that are not known to be harmless are masked.
pub fn headers(map: &HeaderMap) -> Vec<(String, String)> {
    let each = map.iter().map(|(name, value)| {
        let plain = PLAIN_HEADERS.contains(&name.as_str());
        let shown =
            if plain { String::from_utf8_lossy(value.as_bytes()).into_owned() } else { MASK.to_owned() };
        (name.as_str().to_owned(), shown)
    });
    each.collect()
}

fn looks_secret(segment: &str) -> bool {
    let is_long = segment.len() >= TOKEN_LENGTH;
    let has_digit = segment.bytes().any(|byte| byte.is_ascii_digit());
    let has_letter = segment.bytes().any(|byte| byte.is_ascii_alphabetic());
    segment.contains(':')
        || segment.contains("%3A")
        || segment.contains("%3a")
        || (is_long && has_digit && has_letter)
}
