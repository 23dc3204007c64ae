//! Calls of the API on behalf of the extension.

use http::Method;
use serde::de::DeserializeOwned;
use url::Url;
use weft_channel::{ProviderCall, ProviderReply, SendError, Transport};

use crate::{Account, errors};

/// The extension whose token it is.
pub(crate) const EXTENSION: [&str; 6] = ["restapi", "v1.0", "account", "~", "extension", "~"];
/// Where subscriptions are.
pub(crate) const SUBSCRIPTION: [&str; 3] = ["restapi", "v1.0", "subscription"];

/// An address of the API.
pub(crate) fn url(account: &Account, base: &[&str], rest: &[&str]) -> Url {
    let mut url = account.api_base.clone();
    // cannot fail: `validate` lets only web addresses pass
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(base).extend(rest);
    }
    url
}

/// A call about the extension, with its token. The class is RingCentral's group of limits.
pub(crate) fn of_extension(
    account: &Account,
    method: Method,
    rest: &[&str],
    class: &'static str,
) -> ProviderCall {
    ProviderCall::new(method, url(account, &EXTENSION, rest), class).with_access_token()
}

/// Makes a call; what is not a success is explained.
pub(crate) async fn call(call: ProviderCall, transport: &dyn Transport) -> Result<ProviderReply, SendError> {
    let reply = transport.call(call).await?;
    if reply.status.is_success() { Ok(reply) } else { Err(errors::explain(&reply)) }
}

/// Makes a call and reads the answer.
pub(crate) async fn result<T: DeserializeOwned>(
    asked: ProviderCall,
    transport: &dyn Transport,
) -> Result<T, SendError> {
    call(asked, transport).await?.json()
}
