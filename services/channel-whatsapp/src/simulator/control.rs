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
pub(super) fn router(simulator: &Simulator) -> Router {
    Router::new()
        .route("/simulator/customers/{number}/messages", post(say))
        .route("/simulator/sent", get(sent))
        .route("/simulator/faults", post(add_fault).delete(clear_faults))
        .route("/simulator/state", get(state))
        .with_state(simulator.clone())
}

async fn say(
    State(simulator): State<Simulator>,
    Path(number): Path<String>,
    Json(content): Json<Content>,
) -> Response {
    match simulator.customer_says(&number, content) {
        Ok(id) => (StatusCode::CREATED, Json(json!({"message_id": id}))).into_response(),
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
        "customers": state.customers.len(),
        "webhook": state.webhook.as_ref().map(url::Url::as_str),
        "last_webhook_error": state.last_webhook_error,
        "waiting": state.queue.len(),
        "sent": state.total_sent,
        "shown": state.shown,
        "faults": state.faults.len(),
    }))
}
