//! The webhook's subscription: begun when the channel is connected, renewed before it ends, begun anew when it is gone.

use chrono::{DateTime, TimeDelta, Utc};
use http::Method;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, json};
use weft_channel::{ProviderCall, SendError, Transport};

use crate::{
    Account, api,
    wire::{Listed, Subscription},
};

/// The longest that RingCentral's documents promise: a week.
const HOLDS_FOR: u64 = 604_800;
/// It is renewed when less than this is left.
const RENEW_BEFORE: TimeDelta = TimeDelta::days(1);

const SMS: &str = "/restapi/v1.0/account/~/extension/~/message-store/instant?type=SMS";
const VOICEMAIL: &str = "/restapi/v1.0/account/~/extension/~/voicemail";
const CALLS: &str = "/restapi/v1.0/account/~/extension/~/telephony/sessions";

/// Subscribes the webhook in place of what was subscribed for it before.
pub(crate) async fn begin(
    account: &Account,
    webhook_url: &str,
    secret: &SecretString,
    transport: &dyn Transport,
) -> Result<(), SendError> {
    let before = at(account, webhook_url, transport).await?;
    subscribe(account, webhook_url, secret, &before, transport).await
}

/// Sees to it that the webhook goes on being called.
pub(crate) async fn keep(
    account: &Account,
    now: DateTime<Utc>,
    transport: &dyn Transport,
) -> Result<(), SendError> {
    let (Some(url), Some(secret)) = (&account.webhook_url, &account.webhook_validation_token) else {
        return Ok(());
    };
    let known = at(account, url, transport).await?;
    // a suspended or blacklisted one does not come back by itself
    let Some(active) = known.iter().find(|one| one.status == "Active") else {
        return subscribe(account, url, secret, &known, transport).await;
    };
    let end = DateTime::parse_from_rfc3339(&active.expiration_time).ok();
    if end.is_some_and(|end| end.to_utc() > now + RENEW_BEFORE) {
        return Ok(());
    }
    api::call(of(account, Method::POST, &[&active.id.0, "renew"]), transport).await.map(drop)
}

/// The subscriptions of this webhook, whatever their state.
async fn at(
    account: &Account,
    webhook_url: &str,
    transport: &dyn Transport,
) -> Result<Vec<Subscription>, SendError> {
    let all: Listed<Subscription> = api::result(of(account, Method::GET, &[]), transport).await?;
    let is_ours = |one: &Subscription| {
        let address = one.delivery_mode.as_ref().and_then(|mode| mode.address.as_deref());
        address == Some(webhook_url)
    };
    Ok(all.records.into_iter().filter(is_ours).collect())
}

/// The new one first: between the two nothing is missed, and what comes twice has the same keys.
async fn subscribe(
    account: &Account,
    webhook_url: &str,
    secret: &SecretString,
    before: &[Subscription],
    transport: &dyn Transport,
) -> Result<(), SendError> {
    let newer = account.both_token_names.then_some("verificationToken");
    let mut delivery = Map::new();
    delivery.insert("transportType".to_owned(), "WebHook".into());
    delivery.insert("address".to_owned(), webhook_url.into());
    for name in std::iter::once("validationToken").chain(newer) {
        delivery.insert(name.to_owned(), secret.expose_secret().into());
    }
    let body = json!({"eventFilters": filters(account), "deliveryMode": delivery, "expiresIn": HOLDS_FOR});
    api::call(of(account, Method::POST, &[]).json(body), transport).await?;
    for one in before {
        api::call(of(account, Method::DELETE, &[&one.id.0]), transport).await?;
    }
    Ok(())
}

fn filters(account: &Account) -> Vec<&'static str> {
    let purpose = account.purpose;
    let messages = purpose.takes_messages().then_some(SMS);
    let calls = purpose.takes_calls().then_some([VOICEMAIL, CALLS]);
    messages.into_iter().chain(calls.into_iter().flatten()).collect()
}

fn of(account: &Account, method: Method, rest: &[&str]) -> ProviderCall {
    ProviderCall::new(method, api::url(account, &api::SUBSCRIPTION, rest), "medium").with_access_token()
}
