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
    record_count: Option<usize>,
}

/// The numbers of the extension: one that sends SMS, and a telephone's.
pub(super) async fn numbers() -> Json<Value> {
    let number = |number: &str, features: Value| json!({"phoneNumber": number, "features": features});
    Json(
        json!({"records": [number(NUMBER, json!(["CallerId", "SmsSender"])), number(DESK, json!(["CallerId"]))]}),
    )
}

pub(super) async fn call_log(State(simulator): State<Simulator>) -> Json<Value> {
    let state = simulator.lock();
    let calls = state.store.iter().rev().filter(|one| one.source == CALLS).map(|one| one.content.clone());
    Json(json!({"records": calls.take(1).collect::<Vec<_>>()}))
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
    let state = simulator.lock();
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
    let records: Vec<Value> =
        found.take(asked.record_count.unwrap_or(250)).map(|one| one.content.clone()).collect();
    let info = json!({
        "syncType": asked.sync_type, "syncToken": state.sync_token(kind), "syncTime": written(Utc::now()),
        "olderRecordsExist": false,
    });
    Json(json!({"records": records, "syncInfo": info})).into_response()
}
