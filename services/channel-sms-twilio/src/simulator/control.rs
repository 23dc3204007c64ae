use axum::{
    Json, Router,
    extract::{Path, State},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use http::StatusCode;
use serde_json::{Value, json};

use super::{Content, Fault, Oddities, Simulator};

/// Our own control of the simulator.
pub(super) fn router() -> Router<Simulator> {
    Router::new()
        .route("/simulator/customers/{address}/messages", post(say))
        .route("/simulator/customers/{address}/failure", post(fail))
        .route("/simulator/sent", get(sent))
        .route("/simulator/faults", post(add_fault).delete(clear_faults))
        .route("/simulator/oddities", post(set_oddities))
        .route("/simulator/state", get(state))
}

async fn say(
    State(simulator): State<Simulator>,
    Path(address): Path<String>,
    Json(content): Json<Content>,
) -> Response {
    match simulator.customer_says(&address, content) {
        Ok(sid) => (StatusCode::CREATED, Json(json!({"sid": sid}))).into_response(),
        Err(error) => (StatusCode::BAD_REQUEST, Json(json!({"error": error.message()}))).into_response(),
    }
}

async fn fail(
    State(simulator): State<Simulator>,
    Path(address): Path<String>,
    Json(code): Json<Option<u32>>,
) -> StatusCode {
    simulator.fail_deliveries(&address, code);
    StatusCode::NO_CONTENT
}

async fn sent(State(simulator): State<Simulator>) -> Response {
    Json(simulator.sent()).into_response()
}

async fn add_fault(State(simulator): State<Simulator>, Json(fault): Json<Fault>) -> StatusCode {
    simulator.fault(fault.kind, fault.for_next);
    StatusCode::NO_CONTENT
}

async fn clear_faults(State(simulator): State<Simulator>) -> StatusCode {
    simulator.clear_faults();
    StatusCode::NO_CONTENT
}

async fn set_oddities(State(simulator): State<Simulator>, Json(oddities): Json<Oddities>) -> StatusCode {
    simulator.set_oddities(oddities);
    StatusCode::NO_CONTENT
}

async fn state(State(simulator): State<Simulator>) -> Json<Value> {
    let state = simulator.lock();
    Json(json!({
        "customers": state.customers.len(),
        "pending_webhooks": state.pushes.len(),
        "webhook": state.webhook.as_ref().map(url::Url::as_str),
        "last_webhook_error": state.last_webhook_error,
        "sent": state.sent_total,
        "refused": state.refused,
        "typed_after": state.typed_after,
        "faults": state.faults.len(),
    }))
}
