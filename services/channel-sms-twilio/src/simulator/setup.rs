use axum::{
    Form, Json,
    extract::{Path, Query, State},
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::{Simulator, refusal::Refusal};

/// The number's own SID.
const NUMBER_SID: &str = "PN00000000000000000000000000000001";
/// What Twilio says of an address it cannot call.
const NOT_AN_ADDRESS: u32 = 21502;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Wanted {
    phone_number: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Hooks {
    sms_url: Option<String>,
    inbound_request_url: Option<String>,
}

pub(super) async fn account(State(simulator): State<Simulator>) -> Json<Value> {
    let sid = &simulator.settings.account_sid;
    Json(json!({"sid": sid, "friendly_name": "Acme Support", "status": "active", "type": "Full"}))
}

pub(super) async fn numbers(State(simulator): State<Simulator>, Query(wanted): Query<Wanted>) -> Json<Value> {
    let number = &simulator.settings.number;
    let is_meant = wanted.phone_number.is_none_or(|wanted| wanted == *number);
    let all = is_meant.then(|| json!({"sid": NUMBER_SID, "phone_number": number}));
    Json(json!({"incoming_phone_numbers": all.into_iter().collect::<Vec<_>>(), "page": 0}))
}

pub(super) async fn set_number(
    State(simulator): State<Simulator>,
    Path((_, file)): Path<(String, String)>,
    Form(hooks): Form<Hooks>,
) -> Response {
    if file.trim_end_matches(".json") != NUMBER_SID {
        return Refusal::not_found().into_response();
    }
    set(&simulator, hooks.sms_url, NUMBER_SID)
}

pub(super) async fn set_service(
    State(simulator): State<Simulator>,
    Path(sid): Path<String>,
    Form(hooks): Form<Hooks>,
) -> Response {
    if sid != simulator.settings.messaging_service_sid {
        return Refusal::not_found().into_response();
    }
    set(&simulator, hooks.inbound_request_url, &sid)
}

fn set(simulator: &Simulator, url: Option<String>, sid: &str) -> Response {
    let Some(url) = url.and_then(|url| Url::parse(&url).ok()) else {
        return Refusal::bad_request(NOT_AN_ADDRESS).into_response();
    };
    simulator.world.change(|state| state.webhook = Some(url));
    Json(json!({"sid": sid})).into_response()
}
