use axum::Router;
use serde_json::{Value, json};
use weft_channel::simulation::control;

use super::Simulator;

/// Our own control of the simulator.
pub(super) fn router() -> Router<Simulator> {
    let faults = control::takes(Simulator::fault).merge(control::clears(Simulator::clear_faults));
    Router::new()
        .route("/simulator/customers/{chat}/messages", control::lets("message_id", Simulator::customer_says))
        .route("/simulator/sent", control::shows(Simulator::sent))
        .route("/simulator/reactions", control::shows(Simulator::reactions))
        .route("/simulator/faults", faults)
        .route("/simulator/state", control::shows(state))
}

fn state(simulator: &Simulator) -> Value {
    let state = simulator.world.lock();
    json!({
        "chats": state.chats.len(),
        "pending_updates": state.updates.pending(),
        "webhook": state.webhook.url.as_ref().map(|url| url.as_str()),
        "last_webhook_error": state.webhook.last_error.as_ref().map(|(_, why)| why),
        "sent": state.sent.total(),
        "calls": state.calls.total(),
        "faults": state.faults.len(),
    })
}
