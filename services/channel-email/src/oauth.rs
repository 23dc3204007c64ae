//! What one signs in with: the password, or an access token that a refresh token is exchanged for.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use weft_channel::{AccessToken, ProviderCall, SendError, Transport};

use crate::account::{Account, Auth};

/// A token is not used in its last minutes: signing in takes its time, and clocks differ.
const MARGIN: Duration = Duration::from_mins(2);
/// What providers give when they do not say.
const USUAL: u64 = 3600;
const MOST: usize = 10_000;

/// Access tokens, in memory only, by what they were exchanged for.
#[derive(Debug, Default)]
pub(crate) struct Tokens(Mutex<HashMap<[u8; 32], Token>>);

#[derive(Debug)]
struct Token {
    value: SecretString,
    until: Instant,
}

#[derive(Deserialize)]
struct Given {
    access_token: SecretString,
    expires_in: Option<u64>,
}

#[derive(Default, Deserialize)]
struct Refused {
    #[serde(default)]
    error: String,
}

impl Tokens {
    /// What to sign in with.
    pub(crate) async fn secret(
        &self,
        account: &Account,
        transport: &dyn Transport,
    ) -> Result<SecretString, SendError> {
        let Some(key) = key(account) else { return given(account) };
        if let Some(token) = self.lock().get(&key).filter(|token| token.until > Instant::now()) {
            return Ok(token.value.clone());
        }
        let AccessToken { value, holds_for } = refresh(account, transport).await?;
        let until = Instant::now() + holds_for.saturating_sub(MARGIN.min(holds_for / 2));
        let mut known = self.lock();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(key, Token { value: value.clone(), until });
        Ok(value)
    }

    /// Forgets a token that a server did not take; says whether there was one to get anew.
    pub(crate) fn forget(&self, account: &Account) -> bool {
        key(account).is_some_and(|key| self.lock().remove(&key).is_some())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<[u8; 32], Token>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn given(account: &Account) -> Result<SecretString, SendError> {
    account.password.clone().ok_or_else(|| SendError::account_invalid("there is no password to sign in with"))
}

/// Names what tokens are exchanged for; none when nothing is.
fn key(account: &Account) -> Option<[u8; 32]> {
    let refresh = account.refresh_token.as_ref().filter(|_| account.auth == Auth::Xoauth2)?;
    let parts = format!("{}\0{}\0{}", account.token_url, account.client_id, refresh.expose_secret());
    Some(Sha256::digest(parts.as_bytes()).into())
}

/// Exchanges the refresh token for an access token.
pub(crate) async fn refresh(account: &Account, transport: &dyn Transport) -> Result<AccessToken, SendError> {
    let text = |secret: &Option<SecretString>| {
        secret.as_ref().map(|secret| secret.expose_secret().to_owned()).unwrap_or_default()
    };
    let mut form = vec![
        ("grant_type".to_owned(), "refresh_token".to_owned()),
        ("client_id".to_owned(), account.client_id.clone()),
        ("refresh_token".to_owned(), text(&account.refresh_token)),
    ];
    if account.client_secret.is_some() {
        form.push(("client_secret".to_owned(), text(&account.client_secret)));
    }
    let call = ProviderCall::post(account.token_url.clone(), "token").form(form);
    // asking twice does no harm
    let reply = transport.call(call).await.map_err(|error| SendError::from(error).of_repeatable())?;
    if reply.status.is_success() {
        let given: Given = reply.json().map_err(SendError::of_repeatable)?;
        let holds_for = Duration::from_secs(given.expires_in.unwrap_or(USUAL));
        return Ok(AccessToken { value: given.access_token, holds_for });
    }
    let refused: Refused = serde_json::from_slice(&reply.body).unwrap_or_default();
    Err(match refused.error.as_str() {
        "invalid_grant" => SendError::account_invalid(
            "the mail provider has withdrawn the permission to read this mailbox: allow it again and save the new refresh token",
        ),
        "invalid_client" | "unauthorized_client" => {
            SendError::account_invalid("the mail provider does not know client id and secret")
        }
        _ => reply.error_of_status(),
    })
}
