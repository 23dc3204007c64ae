//! The webhook's subscription: begun when the channel is connected, renewed before it ends, begun anew when it is gone.

use chrono::{DateTime, TimeDelta, Utc};
use http::Method;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, json};
use weft_channel::{ProviderCall, Retry, SendError, Transport};

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
    let before = at(account, webhook_url, transport).await.map_err(explain)?;
    subscribe(account, webhook_url, secret, &before, transport).await.map_err(explain)
}

/// Sees to it that the webhook goes on being called, and once only.
pub(crate) async fn keep(
    account: &Account,
    now: DateTime<Utc>,
    transport: &dyn Transport,
) -> Result<(), SendError> {
    let (Some(url), Some(secret)) = (&account.webhook_url, &account.webhook_validation_token) else {
        return Ok(());
    };
    let known = at(account, url, transport).await.map_err(explain)?;
    // a suspended or blacklisted one does not come back by itself
    let active = known.iter().filter(|one| one.status == "Active").max_by_key(|one| one.ends_at());
    let Some(active) = active else {
        return subscribe(account, url, secret, &known, transport).await.map_err(explain);
    };
    end_others(account, &known, Some(active), transport).await;
    if active.ends_at().is_some_and(|end| end > now + RENEW_BEFORE) {
        return Ok(());
    }
    match api::call(of(account, Method::POST, &[&active.id.0, "renew"]), transport).await {
        // it has ended since it was listed
        Err(SendError::MessageInvalid { .. } | SendError::Rejected { .. }) => {
            subscribe(account, url, secret, &[], transport).await.map_err(explain)
        }
        renewed => renewed.map(drop),
    }
}

/// The same error in words that are not about a message.
fn explain(error: SendError) -> SendError {
    match error {
        SendError::MessageInvalid { why } | SendError::Rejected { reason: why, .. } => {
            SendError::account_invalid(format!("its webhook cannot be subscribed: {why}"))
        }
        other => other,
    }
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
    end_others(account, before, None, transport).await;
    Ok(())
}

/// Ends all but this one. One that is gone already is no harm; what cannot be ended now is when they are looked after next.
async fn end_others(
    account: &Account,
    all: &[Subscription],
    kept: Option<&Subscription>,
    transport: &dyn Transport,
) {
    for one in all {
        if kept.is_some_and(|kept| kept.id == one.id) {
            continue;
        }
        let ended = api::call(of(account, Method::DELETE, &[&one.id.0]), transport).await;
        if ended.is_err_and(|error| error.retry() != Retry::Never) {
            break;
        }
    }
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
