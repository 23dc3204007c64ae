use std::time::Duration;

use http::{
    HeaderValue, Method,
    header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER},
    request::Parts,
};
use tower_http::cors::{AllowOrigin, CorsLayer};
use weft_channel::Host;

use crate::Webchat;

const REMEMBER: Duration = Duration::from_secs(600);

/// Tells browsers which pages may call: each channel has its own list.
pub(super) fn layer(host: Host<Webchat>) -> CorsLayer {
    let allow = AllowOrigin::async_predicate(move |origin: HeaderValue, parts: &Parts| {
        let channel = channel_of(parts.uri.path()).to_owned();
        async move { host.account(&channel).await.is_ok_and(|account| account.settings.allows(&origin)) }
    });
    CorsLayer::new()
        .allow_origin(allow)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([AUTHORIZATION, CONTENT_TYPE])
        .expose_headers([RETRY_AFTER])
        .max_age(REMEMBER)
}

fn channel_of(path: &str) -> &str {
    path.split('/').nth(2).unwrap_or_default()
}
