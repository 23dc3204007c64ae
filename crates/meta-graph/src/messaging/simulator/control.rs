use axum::{
    Json, Router,
    extract::State,
    response::{IntoResponse as _, Response},
    routing::post,
};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;
use weft_channel::simulation::control;

use super::{Content, Simulator, subscribe};

/// Our own control of the simulator.
pub(super) fn router() -> Router<Simulator> {
    let say = |it: &Simulator, id: String, content: Content| it.customer_says(&id, content);
    let answer = |it: &Simulator, id: String, answered: Answered| Ok(it.inbox_says(&id, &answered.text));
    let faults = control::takes(Simulator::fault).merge(control::clears(Simulator::clear_faults));
    Router::new()
        .route("/simulator/customers/{id}/messages", control::lets("message_id", say))
        .route("/simulator/inbox/{id}/messages", control::lets("message_id", answer))
        .route("/simulator/webhook", post(enter_webhook))
        .route("/simulator/sent", control::shows(Simulator::sent))
        .route("/simulator/reactions", control::shows(Simulator::reactions))
        .route("/simulator/faults", faults)
        .route("/simulator/state", control::shows(state))
}

#[derive(Deserialize)]
struct Answered {
    text: String,
}

#[derive(Deserialize)]
struct Entered {
    url: Url,
}

/// The webhook, entered in Meta's console, for whoever does not have a program do it.
async fn enter_webhook(State(simulator): State<Simulator>, Json(entered): Json<Entered>) -> Response {
    if simulator.world.lock().webhook.is_some() {
        return StatusCode::NOT_FOUND.into_response();
    }
    match subscribe::greet(&simulator, entered.url, &simulator.settings.verify_token).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

fn state(simulator: &Simulator) -> Value {
    let state = simulator.world.lock();
    json!({
        "customers": state.customers.len(),
        "webhook": state.webhook.as_ref().map(Url::as_str),
        "subscribed": state.subscribed,
        "last_webhook_error": state.last_webhook_error,
        "waiting": state.queue.len(),
        "sent": state.sent.total(),
        "shown": state.shown,
        "profile": state.profile,
        "faults": state.faults.len(),
    })
}
