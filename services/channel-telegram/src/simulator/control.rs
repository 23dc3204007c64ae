use axum::{
    Json, Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::StatusCode;
use serde_json::{Value, json};

use super::{Content, Fault, Simulator};

/// Our own control of the simulator.
pub(super) fn router() -> Router<Simulator> {
    Router::new()
        .route("/simulator/customers/{chat}/messages", post(say))
        .route("/simulator/sent", get(sent))
        .route("/simulator/faults", post(add_fault).delete(clear_faults))
        .route("/simulator/state", get(state))
}

async fn say(
    State(simulator): State<Simulator>,
    Path(chat): Path<i64>,
    Json(content): Json<Content>,
) -> Response {
    match simulator.customer_says(chat, content) {
        Ok(message_id) => (StatusCode::CREATED, Json(json!({"message_id": message_id}))).into_response(),
        Err(error) => (StatusCode::BAD_REQUEST, Json(json!({"error": error.message()}))).into_response(),
    }
}

async fn sent(State(simulator): State<Simulator>) -> Response {
    Json(simulator.sent()).into_response()
}

async fn add_fault(State(simulator): State<Simulator>, Json(fault): Json<Fault>) -> StatusCode {
    simulator.fault(fault);
    StatusCode::NO_CONTENT
}

async fn clear_faults(State(simulator): State<Simulator>) -> StatusCode {
    simulator.clear_faults();
    StatusCode::NO_CONTENT
}

async fn state(State(simulator): State<Simulator>) -> Json<Value> {
    let state = simulator.lock();
    Json(json!({
        "chats": state.chats.len(),
        "pending_updates": state.updates.pending(),
        "webhook": state.webhook.url.as_ref().map(|url| url.as_str()),
        "last_webhook_error": state.webhook.last_error.as_ref().map(|(_, why)| why),
        "sent": state.sent.total,
        "calls": state.calls.total,
        "faults": state.faults.len(),
    }))
}
