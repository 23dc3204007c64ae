//! Calls of Pub/Sub, which say that there is new mail.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use http::header;
use serde::Deserialize;
use tokio::sync::Notify;
use weft_auth::{Expected, TokenFault};
use weft_channel::{ReceiveError, Received, VerifyError, WebhookCall};
use weft_domain::id::ChannelId;

use crate::account::Account;

const ISSUER: &str = "https://accounts.google.com";
/// How far clocks may differ.
const LEEWAY: Duration = Duration::from_mins(5);

/// What is known of accounts that are told of new mail.
#[derive(Debug, Default)]
pub(crate) struct Pushes(Mutex<HashMap<ChannelId, Push>>);

#[derive(Debug, Default)]
struct Push {
    bell: Arc<Notify>,
    watched_at: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
struct Claims {
    email: String,
    email_verified: bool,
}

#[derive(Deserialize)]
struct Envelope {
    message: Message,
}

#[derive(Deserialize)]
struct Message {
    data: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct News {
    email_address: String,
}

/// Checks that Google signed a token for this account's own address, as the service account that is expected.
pub(crate) fn verify(account: &Account, call: &WebhookCall) -> Result<(), VerifyError> {
    let audience =
        account.webhook_url.as_deref().filter(|_| account.is_told()).ok_or(VerifyError::NoSecret)?;
    let given = call.headers.get(header::AUTHORIZATION).ok_or(VerifyError::Missing)?;
    let token =
        given.to_str().ok().and_then(|text| text.strip_prefix("Bearer ")).ok_or(VerifyError::Wrong)?;
    let expected = Expected { issuer: ISSUER, audience, now: call.received_at, leeway: LEEWAY };
    let verified = account.keys.verify::<Claims>(token, &expected).map_err(|fault| match fault {
        TokenFault::UnknownKey => VerifyError::UnknownKey,
        TokenFault::OutOfDate => VerifyError::Stale,
        TokenFault::Invalid => VerifyError::Wrong,
    })?;
    let Claims { email, email_verified } = verified.claims;
    let is_expected = email_verified && email == account.pubsub_service_account;
    if is_expected { Ok(()) } else { Err(VerifyError::Wrong) }
}

/// Wakes whoever waits for this account's mail. The call itself brings none.
pub(crate) fn receive(
    pushes: &Pushes,
    account: &Account,
    call: &WebhookCall,
) -> Result<Received, ReceiveError> {
    let envelope: Envelope = call.json()?;
    let unreadable = || ReceiveError { why: "`message.data` is not what Gmail says".to_owned() };
    let data = STANDARD.decode(envelope.message.data).map_err(|_| unreadable())?;
    let news: News = serde_json::from_slice(&data).map_err(|_| unreadable())?;
    if !news.email_address.eq_ignore_ascii_case(account.login()) {
        return Ok(Received::ignored("push", "it is about another mailbox"));
    }
    if let Ok(owner) = account.owner() {
        pushes.bell(owner.channel).notify_one();
    }
    Ok(Received::ignored("push", "there is new mail, which is asked for"))
}

impl Pushes {
    /// What rings when there is new mail; also later, for whoever did not listen just then.
    pub(crate) fn bell(&self, channel: ChannelId) -> Arc<Notify> {
        Arc::clone(&self.lock().entry(channel).or_default().bell)
    }

    /// When Gmail was last asked to tell, by this process.
    pub(super) fn watched_at(&self, channel: ChannelId) -> Option<DateTime<Utc>> {
        self.lock().get(&channel)?.watched_at
    }

    pub(super) fn watched(&self, channel: ChannelId, at: DateTime<Utc>) {
        self.lock().entry(channel).or_default().watched_at = Some(at);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ChannelId, Push>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
