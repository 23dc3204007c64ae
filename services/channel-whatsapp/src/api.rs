use http::header;
use serde::de::DeserializeOwned;
use serde_json::Value;
use weft_channel::{ProviderCall, SendError, Transport};

use crate::{Account, errors};

/// A question about a node.
pub(crate) fn get(account: &Account, path: &[&str], class: &'static str) -> Result<ProviderCall, SendError> {
    Ok(ProviderCall::get(account.url(path), class).header(header::AUTHORIZATION, account.bearer()?))
}

/// A deed with parameters as JSON.
pub(crate) fn post(
    account: &Account,
    path: &[&str],
    class: &'static str,
    body: Value,
) -> Result<ProviderCall, SendError> {
    let call = ProviderCall::post(account.url(path), class).json(body);
    Ok(call.header(header::AUTHORIZATION, account.bearer()?))
}

/// Makes a call and reads its answer.
pub(crate) async fn result<T: DeserializeOwned>(
    call: ProviderCall,
    transport: &dyn Transport,
) -> Result<T, SendError> {
    let reply = transport.call(call).await?;
    if !reply.status.is_success() {
        return Err(errors::explain(&reply));
    }
    reply.json()
}
