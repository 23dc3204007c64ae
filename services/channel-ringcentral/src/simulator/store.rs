use axum::{
    Json,
    extract::{Query, State},
    response::{IntoResponse as _, Response},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    DESK, NUMBER, Simulator,
    refusal::Refusal,
    state::{Record, written},
};

/// Where calls are kept.
pub(super) const CALLS: &str = "calls";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Asked {
    sync_type: Option<String>,
    sync_token: Option<String>,
    message_type: Option<String>,
    date_from: Option<DateTime<Utc>>,
    date_to: Option<DateTime<Utc>>,
    record_count: Option<usize>,
    per_page: Option<usize>,
    #[serde(default)]
    page: usize,
}

/// The numbers of the extension: one that sends SMS, and a telephone's.
pub(super) async fn numbers() -> Json<Value> {
    let number = |number: &str, features: Value| json!({"phoneNumber": number, "features": features});
    Json(
        json!({"records": [number(NUMBER, json!(["CallerId", "SmsSender"])), number(DESK, json!(["CallerId"]))]}),
    )
}

pub(super) async fn call_log(State(simulator): State<Simulator>, Query(asked): Query<Asked>) -> Json<Value> {
    list(&simulator, &asked, CALLS)
}

pub(super) async fn message_store(
    State(simulator): State<Simulator>,
    Query(asked): Query<Asked>,
) -> Json<Value> {
    let kind = asked.message_type.clone().unwrap_or_default();
    list(&simulator, &asked, &kind)
}

/// A page of a kind, the newest first.
fn list(simulator: &Simulator, asked: &Asked, kind: &str) -> Json<Value> {
    let state = simulator.world.lock();
    let per_page = asked.per_page.unwrap_or(100);
    let is_meant = |one: &&Record| {
        one.source == kind
            && asked.date_from.is_none_or(|from| one.at >= from)
            && asked.date_to.is_none_or(|to| one.at < to)
    };
    let found = state.store.iter().rev().filter(is_meant).skip(asked.page.saturating_sub(1) * per_page);
    Json(json!({"records": found.take(per_page).map(|one| one.content.clone()).collect::<Vec<_>>()}))
}

pub(super) async fn messages(State(simulator): State<Simulator>, Query(asked): Query<Asked>) -> Response {
    let kind = asked.message_type.clone().unwrap_or_default();
    sync(&simulator, &asked, &kind)
}

pub(super) async fn calls(State(simulator): State<Simulator>, Query(asked): Query<Asked>) -> Response {
    sync(&simulator, &asked, CALLS)
}

/// All of a kind, or what changed of it since; the newest first. A token knows of which kind it is.
fn sync(simulator: &Simulator, asked: &Asked, kind: &str) -> Response {
    let state = simulator.world.lock();
    let (since, kind): (Option<u64>, &str) = match (asked.sync_type.as_deref(), asked.sync_token.as_deref()) {
        (Some("FSync"), _) => (None, kind),
        (Some("ISync"), Some(token)) => {
            let known = token.split_once('.').filter(|(known, _)| *known == state.generation.to_string());
            let place = known.and_then(|(_, place)| place.split_once('.'));
            let Some((change, kind)) = place.and_then(|(change, kind)| Some((change.parse().ok()?, kind)))
            else {
                return Refusal::bad_request("MSG-333", "syncToken").into_response();
            };
            (Some(change), kind)
        }
        _ => return Refusal::bad_request("CMN-101", "syncType").into_response(),
    };
    let is_new = |one: &&Record| match since {
        Some(change) => one.change > change,
        None => asked.date_from.is_none_or(|from| one.at >= from),
    };
    let found = state.store.iter().rev().filter(|one| one.source == kind).filter(is_new);
    let mut records: Vec<Value> = found.map(|one| one.content.clone()).collect();
    let most = asked.record_count.unwrap_or(250);
    let is_cut = since.is_none() && records.len() > most;
    if is_cut {
        records.truncate(most);
    }
    let info = json!({
        "syncType": asked.sync_type, "syncToken": state.sync_token(kind), "syncTime": written(Utc::now()),
        "olderRecordsExist": is_cut,
    });
    Json(json!({"records": records, "syncInfo": info})).into_response()
}
