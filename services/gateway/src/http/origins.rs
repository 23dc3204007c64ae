use http::{
    HeaderMap, Uri,
    header::{HOST, ORIGIN},
};
use weft_domain::{Error, ErrorCode, Result};

use crate::Config;

/// Which pages may use a browser's credentials here: those of our own host, and those that are listed.
pub(crate) struct Origins {
    allowed: Vec<String>,
}

impl Origins {
    pub(crate) fn new(config: &Config) -> Self {
        let own = config.public_url.as_ref().map(|url| url.origin().ascii_serialization());
        Self { allowed: config.allowed_origins.iter().cloned().chain(own).collect() }
    }

    /// Refuses a page of another origin; a caller that names none is no browser.
    pub(crate) fn check(&self, headers: &HeaderMap, uri: &Uri) -> Result<()> {
        match headers.get(ORIGIN) {
            None => Ok(()),
            Some(origin) if origin.to_str().is_ok_and(|text| self.allows(text, headers, uri)) => Ok(()),
            Some(_) => Err(refused()),
        }
    }

    /// The same, and a caller that names none is refused, too.
    pub(crate) fn demand(&self, headers: &HeaderMap, uri: &Uri) -> Result<()> {
        if headers.contains_key(ORIGIN) { self.check(headers, uri) } else { Err(refused()) }
    }

    fn allows(&self, origin: &str, headers: &HeaderMap, uri: &Uri) -> bool {
        if self.allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin)) {
            return true;
        }
        let in_header = headers.get(HOST).and_then(|host| host.to_str().ok());
        let called = uri.authority().map(|authority| authority.as_str()).or(in_header);
        let theirs = origin.split_once("://").map(|(_, host)| host);
        theirs.zip(called).is_some_and(|(theirs, ours)| theirs.eq_ignore_ascii_case(ours))
    }
}

fn refused() -> Error {
    let words = "pages of this origin may not do this; it has to be listed in `gateway.allowed_origins`";
    Error::new(ErrorCode::Forbidden, "origin_not_allowed", words)
}
