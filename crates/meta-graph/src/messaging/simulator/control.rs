use axum::{
    Json, Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::{Content, Fault, Simulator, subscribe};

/// Our own control of the simulator.
pub(super) fn router(simulator: &Simulator) -> Router {
    Router::new()
        .route("/simulator/customers/{id}/messages", post(say))
        .route("/simulator/inbox/{id}/messages", post(answer))
        .route("/simulator/webhook", post(enter_webhook))
        .route("/simulator/sent", get(sent))
        .route("/simulator/faults", post(add_fault).delete(clear_faults))
        .route("/simulator/state", get(state))
        .with_state(simulator.clone())
}

async fn say(
    State(simulator): State<Simulator>,
    Path(id): Path<String>,
    Json(content): Json<Content>,
) -> Response {
    match simulator.customer_says(&id, content) {
        Ok(id) => (StatusCode::CREATED, Json(json!({"message_id": id}))).into_response(),
        Err(error) => (StatusCode::BAD_REQUEST, Json(json!({"error": error.message()}))).into_response(),
    }
}

#[derive(Deserialize)]
struct Answered {
    text: String,
}

async fn answer(
    State(simulator): State<Simulator>,
    Path(id): Path<String>,
    Json(answered): Json<Answered>,
) -> Response {
    let id = simulator.inbox_says(&id, &answered.text);
    (StatusCode::CREATED, Json(json!({"message_id": id}))).into_response()
}

#[derive(Deserialize)]
struct Entered {
    url: Url,
}

/// The webhook, entered in Meta's console, for whoever does not have a program do it.
async fn enter_webhook(State(simulator): State<Simulator>, Json(entered): Json<Entered>) -> Response {
    if simulator.lock().webhook.is_some() {
        return StatusCode::NOT_FOUND.into_response();
    }
    match subscribe::greet(&simulator, entered.url, &simulator.0.settings.verify_token).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refusal) => refusal.into_response(),
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
        "webhook": state.webhook.as_ref().map(Url::as_str),
        "subscribed": state.subscribed,
        "last_webhook_error": state.last_webhook_error,
        "waiting": state.queue.len(),
        "sent": state.total_sent,
        "shown": state.shown,
        "profile": state.profile,
        "faults": state.faults.len(),
    }))
}
