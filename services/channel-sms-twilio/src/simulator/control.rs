use axum::{
    Json, Router,
    extract::{Path, State},
    routing::post,
};
use http::StatusCode;
use serde_json::{Value, json};
use weft_channel::simulation::control;

use super::{Content, Fault, Simulator};

/// Our own control of the simulator.
pub(super) fn router() -> Router<Simulator> {
    let say = |it: &Simulator, address: String, content: Content| it.customer_says(&address, content);
    let add_fault = |it: &Simulator, fault: Fault| it.fault(fault.kind, fault.for_next);
    let faults = control::takes(add_fault).merge(control::clears(Simulator::clear_faults));
    Router::new()
        .route("/simulator/customers/{address}/messages", control::lets("sid", say))
        .route("/simulator/customers/{address}/failure", post(fail))
        .route("/simulator/sent", control::shows(Simulator::sent))
        .route("/simulator/faults", faults)
        .route("/simulator/oddities", control::takes(Simulator::set_oddities))
        .route("/simulator/state", control::shows(state))
}

async fn fail(
    State(simulator): State<Simulator>,
    Path(address): Path<String>,
    Json(code): Json<Option<u32>>,
) -> StatusCode {
    simulator.fail_deliveries(&address, code);
    StatusCode::NO_CONTENT
}

fn state(simulator: &Simulator) -> Value {
    let state = simulator.world.lock();
    json!({
        "customers": state.customers.len(),
        "pending_webhooks": state.pushes.len(),
        "webhook": state.webhook.as_ref().map(url::Url::as_str),
        "last_webhook_error": state.last_webhook_error,
        "sent": state.sent.total(),
        "refused": state.refused,
        "typed_after": state.typed_after,
        "faults": state.faults.len(),
    })
}
