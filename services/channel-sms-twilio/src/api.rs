use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderValue, StatusCode, header};
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;
use url::Url;
use weft_channel::{ProviderCall, SendError, Transport};

use crate::{Account, errors};

/// The address of something below the account, like `Messages.json`.
pub(crate) fn account_url(account: &Account, rest: &[&str]) -> Url {
    let path = ["2010-04-01", "Accounts", &account.account_sid];
    below(&account.api_base, path.iter().chain(rest))
}

/// The address of the account itself.
pub(crate) fn own_url(account: &Account) -> Url {
    let file = format!("{}.json", account.account_sid);
    below(&account.api_base, ["2010-04-01", "Accounts", &file].iter())
}

/// The address of a messaging service.
pub(crate) fn service_url(account: &Account, sid: &str) -> Url {
    below(&account.messaging_api_base, ["v1", "Services", sid].iter())
}

/// Where the sign of typing is asked for.
pub(crate) fn typing_url(account: &Account) -> Url {
    below(&account.messaging_api_base, ["v3", "Indicators", "Typing.json"].iter())
}

fn below<'a>(base: &Url, path: impl Iterator<Item = &'a &'a str>) -> Url {
    let mut url = base.clone();
    // cannot fail: `validate` lets only http addresses pass
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    url
}

/// Signs a call in with the API key, or else with the auth token.
pub(crate) fn with_key(account: &Account, call: ProviderCall) -> ProviderCall {
    match (&account.api_key_sid, &account.api_key_secret) {
        (Some(sid), Some(secret)) => signed_in(call, sid, secret),
        _ => with_token(account, call),
    }
}

/// Signs a call in with the auth token.
pub(crate) fn with_token(account: &Account, call: ProviderCall) -> ProviderCall {
    signed_in(call, &account.account_sid, &account.auth_token)
}

fn signed_in(call: ProviderCall, user: &str, password: &SecretString) -> ProviderCall {
    let pair = STANDARD.encode(format!("{user}:{}", password.expose_secret()));
    match HeaderValue::try_from(format!("Basic {pair}")) {
        Ok(value) => call.header(header::AUTHORIZATION, value),
        // cannot happen: base64 is text
        Err(_) => call,
    }
}

/// Makes a call and reads what it gives.
pub(crate) async fn result<T: DeserializeOwned>(
    call: ProviderCall,
    transport: &dyn Transport,
) -> Result<T, SendError> {
    let reply = transport.call(call).await?;
    match reply.status {
        StatusCode::OK | StatusCode::CREATED => reply.json(),
        _ => Err(errors::refusal(&reply)),
    }
}
