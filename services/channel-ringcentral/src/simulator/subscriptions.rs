use std::time::Duration;

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse as _, Response},
};
use chrono::{TimeDelta, Utc};
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;
use weft_channel::{ProviderCall, Transport as _};

use super::{
    Simulator,
    refusal::Refusal,
    state::{Subscription, set, written},
};

const PATIENCE: Duration = Duration::from_secs(3);
const MAX_ANSWER: usize = 1024;
const MAX_SECONDS: i64 = 604_800;
const MOST: usize = 20;
const KNOWN: [&str; 4] = ["/message-store", "/voicemail", "/telephony/sessions", "/subscription/"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Wanted {
    event_filters: Vec<String>,
    delivery_mode: Delivery,
    expires_in: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Delivery {
    transport_type: String,
    address: String,
    validation_token: Option<String>,
    verification_token: Option<String>,
}

pub(super) async fn create(State(simulator): State<Simulator>, Json(wanted): Json<Wanted>) -> Response {
    match subscribe(&simulator, wanted).await {
        Ok(answer) => Json(answer).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

async fn subscribe(simulator: &Simulator, wanted: Wanted) -> Result<Value, Refusal> {
    let Delivery { transport_type, address, validation_token, verification_token } = wanted.delivery_mode;
    if transport_type != "WebHook" {
        return Err(Refusal::bad_request("CMN-101", "deliveryMode.transportType"));
    }
    let is_known = |filter: &String| KNOWN.iter().any(|known| filter.contains(known));
    if wanted.event_filters.is_empty() || !wanted.event_filters.iter().all(is_known) {
        return Err(Refusal::bad_request("SUB-508", "eventFilters"));
    }
    if simulator.world.lock().subscriptions.len() >= MOST {
        return Err(Refusal::bad_request("SUB-505", ""));
    }
    greet(simulator, &address).await?;
    Ok(simulator.world.change(|state| {
        let id = format!("subscription-{}", state.next_id());
        let seconds = wanted.expires_in.unwrap_or(MAX_SECONDS).min(MAX_SECONDS);
        let subscription = Subscription {
            filters: wanted.event_filters,
            address,
            secret: validation_token.or(verification_token).unwrap_or_default(),
            status: "Active",
            ends_at: Utc::now() + TimeDelta::seconds(seconds),
            failures: 0,
            renewals: 0,
        };
        let answer = shown(&id, &subscription);
        state.subscriptions.insert(id, subscription);
        answer
    }))
}

/// Asks the address whether it listens; it has three seconds and a kilobyte to give back what it is given.
async fn greet(simulator: &Simulator, address: &str) -> Result<(), Refusal> {
    let deaf = || Refusal::bad_request("SUB-525", "deliveryMode.address");
    let name = HeaderName::from_static("validation-token");
    let word = simulator.world.change(|state| format!("{}-handshake", state.next_id()));
    let value = HeaderValue::from_str(&word).map_err(|_| deaf())?;
    let url = Url::parse(address).map_err(|_| deaf())?;
    let call = ProviderCall::post(url, "handshake").timeout(PATIENCE).header(name.clone(), value.clone());
    let reply = simulator.transport.call(call).await.map_err(|_| deaf())?;
    let headers: usize =
        reply.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    let is_json =
        reply.headers.get(http::header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    let heard = reply.status == StatusCode::OK
        && reply.headers.get(name) == Some(&value)
        && is_json
        && headers + reply.body.len() < MAX_ANSWER;
    if heard { Ok(()) } else { Err(deaf()) }
}

pub(super) async fn list(State(simulator): State<Simulator>) -> Json<Value> {
    let state = simulator.world.lock();
    Json(json!({"records": state.subscriptions.iter().map(|(id, one)| shown(id, one)).collect::<Vec<_>>()}))
}

pub(super) async fn renew(State(simulator): State<Simulator>, Path(id): Path<String>) -> Response {
    let renewed = simulator.world.change(|state| {
        let one = state.subscriptions.get_mut(&id)?;
        one.ends_at = Utc::now() + TimeDelta::seconds(MAX_SECONDS);
        one.renewals += 1;
        Some(shown(&id, one))
    });
    renewed.map_or_else(|| Refusal::not_found().into_response(), |one| Json(one).into_response())
}

pub(super) async fn delete(State(simulator): State<Simulator>, Path(id): Path<String>) -> Response {
    match simulator.world.change(|state| state.subscriptions.remove(&id)) {
        Some(_) => StatusCode::NO_CONTENT.into_response(),
        None => Refusal::not_found().into_response(),
    }
}

pub(super) fn shown(id: &str, one: &Subscription) -> Value {
    let mut shown = json!({
        "id": id, "eventFilters": one.filters, "disabledFilters": [], "status": one.status,
        "expirationTime": written(one.ends_at), "expiresIn": (one.ends_at - Utc::now()).num_seconds(),
        "deliveryMode": {"transportType": "WebHook", "encryption": false, "address": one.address},
    });
    if one.status == "Blacklisted" {
        let reason = "I/O operation is failed. Details: [Read timed out]";
        let data = json!({"reason": reason, "blacklistedAt": written(Utc::now())});
        set(&mut shown, "blacklistedData", data);
    }
    shown
}

impl Simulator {
    /// The subscriptions: their ids, states and how often each was renewed.
    pub fn subscriptions(&self) -> Vec<(String, &'static str, u32)> {
        let state = self.world.lock();
        state.subscriptions.iter().map(|(id, one)| (id.clone(), one.status, one.renewals)).collect()
    }

    /// Lets all subscriptions end within the hour.
    pub fn let_subscriptions_end(&self) {
        let soon = Utc::now() + TimeDelta::hours(1);
        self.world.change(|state| state.subscriptions.values_mut().for_each(|one| one.ends_at = soon));
    }

    /// Forgets all subscriptions.
    pub fn drop_subscriptions(&self) {
        self.world.change(|state| state.subscriptions.clear());
    }
}
