use http::header;
use serde::de::DeserializeOwned;
use serde_json::Value;
use weft_channel::{ProviderCall, ProviderReply, SendError, Transport};

use crate::{Account, errors, wire::Outcome};

/// A call of a method with JSON.
pub(crate) fn json(account: &Account, method: &'static str, body: Value) -> Result<ProviderCall, SendError> {
    Ok(call(account, method)?.json(body))
}

/// A call of a method with a form: some take nothing else.
pub(crate) fn form(
    account: &Account,
    method: &'static str,
    fields: &[(&str, String)],
) -> Result<ProviderCall, SendError> {
    let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    Ok(call(account, method)?.form(fields.collect()))
}

fn call(account: &Account, method: &'static str) -> Result<ProviderCall, SendError> {
    Ok(ProviderCall::post(account.url(method), method).header(header::AUTHORIZATION, account.bearer()?))
}

/// What a method gives; most refusals come with status 200.
pub(crate) async fn result<T: DeserializeOwned>(
    call: ProviderCall,
    transport: &dyn Transport,
) -> Result<T, SendError> {
    let reply = transport.call(call).await?;
    refused(&reply).map_or_else(|| reply.json(), Err)
}

fn refused(reply: &ProviderReply) -> Option<SendError> {
    let outcome: Option<Outcome> = reply.json().ok();
    match outcome {
        Some(outcome) if !outcome.ok => Some(errors::explain(reply, &outcome)),
        _ if !reply.status.is_success() => Some(reply.error_of_status()),
        _ => None,
    }
}
