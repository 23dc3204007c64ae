use axum::Router;
use serde_json::{Value, json};
use weft_channel::simulation::control;

use super::{Content, Simulator};

/// Our own control of the simulator.
pub(super) fn router() -> Router<Simulator> {
    let say = |it: &Simulator, number: String, content: Content| it.customer_says(&number, content);
    let faults = control::takes(Simulator::fault).merge(control::clears(Simulator::clear_faults));
    Router::new()
        .route("/simulator/customers/{number}/messages", control::lets("message_id", say))
        .route("/simulator/sent", control::shows(Simulator::sent))
        .route("/simulator/reactions", control::shows(Simulator::reactions))
        .route("/simulator/faults", faults)
        .route("/simulator/state", control::shows(state))
}

fn state(simulator: &Simulator) -> Value {
    let state = simulator.world.lock();
    json!({
        "customers": state.customers.len(),
        "webhook": state.webhook.as_ref().map(url::Url::as_str),
        "last_webhook_error": state.last_webhook_error,
        "waiting": state.queue.len(),
        "sent": state.sent.total(),
        "shown": state.shown,
        "faults": state.faults.len(),
    })
}
