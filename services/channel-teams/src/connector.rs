use http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;
use weft_channel::{ProviderCall, SendError, Transport};

use crate::Account;

/// What stands in an address as it is (RFC 3986, section 2.3).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A call about a conversation, where Teams last said that it is answered; only to hosts of the settings.
pub(crate) async fn call(
    account: &Account,
    method: Method,
    conversation: &str,
    rest: &[&str],
    class: &'static str,
    transport: &dyn Transport,
) -> Result<ProviderCall, SendError> {
    let route = transport.route(conversation).await;
    let told = route.and_then(|route| Url::parse(&route).ok()).filter(|url| account.is_service(url));
    let base = told.unwrap_or_else(|| account.api_base.clone());
    let path: Vec<String> =
        ["v3", "conversations", conversation].iter().chain(rest).map(|part| encoded(part)).collect();
    let whole = format!("{}/{}", base.as_str().trim_end_matches('/'), path.join("/"));
    let url =
        Url::parse(&whole).map_err(|_| SendError::message_invalid("the conversation has no address"))?;
    Ok(ProviderCall::new(method, url, class).with_access_token())
}

fn encoded(part: &str) -> String {
    utf8_percent_encode(part, ENCODED).to_string()
}
