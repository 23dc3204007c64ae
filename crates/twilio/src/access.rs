use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderValue, StatusCode, header};
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;
use url::Url;
use weft_channel::{ProviderCall, SendError, Transport};

use crate::errors;

/// An account, and how we sign in there.
#[derive(Clone, Copy, Debug)]
pub struct Access<'a> {
    /// Where the API is.
    pub api_base: &'a Url,
    /// The account's SID.
    pub account_sid: &'a str,
    /// Its token.
    pub auth_token: &'a SecretString,
    /// An API key to sign in with instead: its SID and its secret.
    pub key: Option<(&'a str, &'a SecretString)>,
}

impl Access<'_> {
    /// The address of something below the account, like `Messages.json`.
    pub fn url(&self, rest: &[&str]) -> Url {
        let path = ["2010-04-01", "Accounts", self.account_sid];
        self.below(path.iter().chain(rest))
    }

    /// The address of the account itself.
    pub fn own_url(&self) -> Url {
        let file = format!("{}.json", self.account_sid);
        self.below(["2010-04-01", "Accounts", &file].iter())
    }

    fn below<'b>(&self, path: impl Iterator<Item = &'b &'b str>) -> Url {
        let mut url = self.api_base.clone();
        // cannot fail: an account's `validate` lets only http addresses pass
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    /// Signs a call in with the API key, or else with the auth token.
    pub fn with_key(&self, call: ProviderCall) -> ProviderCall {
        match self.key {
            Some((sid, secret)) => signed_in(call, sid, secret),
            None => self.with_token(call),
        }
    }

    /// Signs a call in with the auth token.
    pub fn with_token(&self, call: ProviderCall) -> ProviderCall {
        signed_in(call, self.account_sid, self.auth_token)
    }
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
pub async fn result<T: DeserializeOwned>(
    call: ProviderCall,
    transport: &dyn Transport,
) -> Result<T, SendError> {
    let reply = transport.call(call).await?;
    match reply.status {
        StatusCode::OK | StatusCode::CREATED => reply.json(),
        _ => Err(errors::refusal(&reply)),
    }
}
