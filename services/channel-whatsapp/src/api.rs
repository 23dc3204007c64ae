use serde::de::DeserializeOwned;
use serde_json::Value;
use weft_channel::{ProviderCall, SendError, Transport};

use crate::{Account, errors};

/// A question about a node.
pub(crate) fn get(account: &Account, path: &[&str], class: &'static str) -> Result<ProviderCall, SendError> {
    account.access().get(path, class)
}

/// A deed with parameters as JSON.
pub(crate) fn post(
    account: &Account,
    path: &[&str],
    class: &'static str,
    body: Value,
) -> Result<ProviderCall, SendError> {
    Ok(account.access().post(path, class)?.json(body))
}

/// Makes a call and reads its answer.
pub(crate) async fn result<T: DeserializeOwned>(
    call: ProviderCall,
    transport: &dyn Transport,
) -> Result<T, SendError> {
    weft_meta_graph::result(call, transport, errors::explain).await
}
