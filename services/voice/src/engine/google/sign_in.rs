use std::{path::PathBuf, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::Mutex;
use weft_auth::RsaSigner;
use weft_domain::{Clock, Error, Result};
use weft_http::{Client, HeaderName, Request};

use super::NAME;
use crate::engine::provider;

const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// How long an assertion holds.
const HOUR: TimeDelta = TimeDelta::hours(1);
/// A token that is nearly over is not used any more.
const MARGIN: TimeDelta = TimeDelta::minutes(1);

/// Signs calls in as a service account; a token is kept while it holds.
pub(super) struct SignIn {
    file: Option<PathBuf>,
    http: Client,
    clock: Arc<dyn Clock>,
    held: Mutex<Option<(SecretString, DateTime<Utc>)>>,
}

/// The key file of a service account; only what we use.
#[derive(Deserialize)]
struct Account {
    client_email: String,
    private_key: SecretString,
    #[serde(default)]
    private_key_id: String,
    token_uri: String,
}

#[derive(Deserialize)]
struct Token {
    access_token: SecretString,
    expires_in: i64,
}

/// Signs a call in with an API key.
pub(super) fn with_key(request: Request, key: &SecretString) -> Request {
    request.secret_header(HeaderName::from_static("x-goog-api-key"), key.expose_secret())
}

impl SignIn {
    pub(super) fn new(file: Option<PathBuf>, http: Client, clock: Arc<dyn Clock>) -> Self {
        Self { file, http, clock, held: Mutex::default() }
    }

    /// Signs a call in as the service account.
    pub(super) async fn sign(&self, request: Request) -> Result<Request> {
        let now = self.clock.now();
        let mut held = self.held.lock().await;
        if let Some((token, until)) = held.as_ref().filter(|(_, until)| now + MARGIN < *until) {
            let _still_good = until;
            return Ok(request.bearer(token.expose_secret()));
        }
        let token = self.ask(now).await?;
        let signed = request.bearer(token.access_token.expose_secret());
        *held = Some((token.access_token, now + TimeDelta::seconds(token.expires_in)));
        Ok(signed)
    }

    async fn ask(&self, now: DateTime<Utc>) -> Result<Token> {
        let account = self.account().await?;
        let key = RsaSigner::from_pem(&account.private_key_id, &account.private_key);
        let claims = json!({
            "iss": account.client_email, "scope": SCOPE, "aud": account.token_uri,
            "iat": now.timestamp(), "exp": (now + HOUR).timestamp(),
        });
        let assertion = key
            .and_then(|key| key.sign(&claims))
            .map_err(|error| provider::refused(NAME).with_source(error))?;
        let form = [("grant_type", GRANT), ("assertion", assertion.as_str())];
        let answer =
            provider::call(&self.http, NAME, Request::post(&account.token_uri).template("/token").form(form))
                .await;
        // a key that is not accepted is a 400 here
        let answer = answer.map_err(|error| {
            if error.reason() == "voice_provider_rejected" { provider::refused(NAME) } else { error }
        })?;
        provider::read(NAME, &answer)
    }

    async fn account(&self) -> Result<Account> {
        let path = self.file.as_deref().ok_or_else(|| Error::internal("the settings were checked"))?;
        let text = tokio::fs::read(path).await.map_err(|error| provider::refused(NAME).with_source(error))?;
        // the error's own words might quote the key
        serde_json::from_slice(&text).map_err(|_| {
            provider::refused(NAME)
                .with_source("`voice.google.service_account_file` is no key file of a service account")
        })
    }
}
