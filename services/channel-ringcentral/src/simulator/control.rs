use axum::{
    Json, Router,
    extract::{Path, State},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use http::StatusCode;
use serde_json::{Value, json};

use super::{Content, Fault, Oddities, Simulator, subscriptions::shown};

/// Our own control of the simulator.
pub(super) fn router() -> Router<Simulator> {
    Router::new()
        .route("/simulator/customers/{number}", post(act))
        .route("/simulator/customers/{number}/failure", post(fail))
        .route("/simulator/sent", get(sent))
        .route("/simulator/faults", post(add_fault).delete(clear_faults))
        .route("/simulator/oddities", post(set_oddities))
        .route("/simulator/state", get(state))
}

async fn act(
    State(simulator): State<Simulator>,
    Path(number): Path<String>,
    Json(content): Json<Content>,
) -> Response {
    let number = if number == "withheld" { "" } else { &number };
    match simulator.customer(number, &content) {
        Ok(id) => (StatusCode::CREATED, Json(json!({"id": id}))).into_response(),
        Err(error) => (StatusCode::BAD_REQUEST, Json(json!({"error": error.message()}))).into_response(),
    }
}

async fn fail(
    State(simulator): State<Simulator>,
    Path(number): Path<String>,
    Json(code): Json<Option<String>>,
) -> StatusCode {
    simulator.fail_deliveries(&number, code.as_deref());
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
        "pending_events": state.pushes.len(),
        "subscriptions": state.subscriptions.iter().map(|(id, one)| shown(id, one)).collect::<Vec<_>>(),
        "last_webhook_error": state.last_webhook_error,
        "tokens_given": state.tokens_given,
        "sent": state.sent_total,
        "refused": state.refused,
        "faults": state.faults.len(),
    }))
}
