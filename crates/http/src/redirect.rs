use http::{
    HeaderMap, Method, StatusCode,
    header::{AUTHORIZATION, COOKIE, HeaderName, LOCATION, PROXY_AUTHORIZATION},
};
use url::Url;

use crate::{Error, Refusal};

/// Where an answer sends us on to, if it does.
pub(crate) fn target(
    method: &Method,
    from: &Url,
    status: StatusCode,
    headers: &HeaderMap,
) -> Result<Option<Url>, Error> {
    let redirects = matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308);
    if !redirects || !matches!(*method, Method::GET | Method::HEAD) {
        return Ok(None);
    }
    let Some(location) = headers.get(LOCATION) else { return Ok(None) };
    let text = location.to_str().map_err(|_| unreadable())?;
    let to = from.join(text).map_err(|_| unreadable())?;
    if from.scheme() == "https" && to.scheme() == "http" {
        return Err(Refusal::Downgrade.into());
    }
    Ok(Some(to))
}

fn unreadable() -> Error {
    Error::Unreadable("the redirect has no readable target".to_owned())
}

/// Takes away what is meant for the first host alone.
pub(crate) fn strip_secrets(headers: &mut HeaderMap, from: &Url, to: &Url) {
    if from.origin() == to.origin() {
        return;
    }
    let secret = |name: &HeaderName| [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION].contains(name);
    let names: Vec<HeaderName> = headers
        .iter()
        .filter(|(name, value)| value.is_sensitive() || secret(name))
        .map(|(name, _)| name.clone())
        .collect();
    for name in names {
        headers.remove(name);
    }
}
