use serde_json::Value;
use weft_channel::{Part, ProviderCall, ProviderReply, SendError, Transport};

use crate::{Account, errors};

/// A call of a method with parameters as JSON.
pub(crate) fn json(account: &Account, method: &'static str, parameters: Value) -> ProviderCall {
    ProviderCall::post(account.method_url(method), method).json(parameters)
}

/// A call of a method with files among its parameters.
pub(crate) fn multipart(account: &Account, method: &'static str, parts: Vec<Part>) -> ProviderCall {
    ProviderCall::post(account.method_url(method), method).multipart(parts).timeout(UPLOAD_TIMEOUT)
}

/// Fifty megabytes at about four megabits a second.
const UPLOAD_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(100);

/// Makes a call and gives its `result`.
pub(crate) async fn result<T: serde::de::DeserializeOwned>(
    call: ProviderCall,
    transport: &dyn Transport,
) -> Result<T, errors::Failure> {
    let reply: ProviderReply = transport.call(call).await.map_err(SendError::from)?;
    errors::read(&reply)
}
