use axum::{
    Json, Router,
    extract::{Path, State},
    routing::post,
};
use http::StatusCode;
use serde_json::{Value, json};
use weft_channel::simulation::control;
use weft_domain::Result;

use super::{Content, Fault, Simulator, subscriptions::shown};

/// Our own control of the simulator.
pub(super) fn router() -> Router<Simulator> {
    let add_fault = |it: &Simulator, fault: Fault| it.fault(fault.kind, fault.for_next);
    let faults = control::takes(add_fault).merge(control::clears(Simulator::clear_faults));
    Router::new()
        .route("/simulator/customers/{number}", control::lets("id", act))
        .route("/simulator/customers/{number}/failure", post(fail))
        .route("/simulator/sent", control::shows(Simulator::sent))
        .route("/simulator/faults", faults)
        .route("/simulator/oddities", control::takes(Simulator::set_oddities))
        .route("/simulator/state", control::shows(state))
}

fn act(simulator: &Simulator, number: String, content: Content) -> Result<String> {
    let number = if number == "withheld" { "" } else { &number };
    simulator.customer(number, &content)
}

async fn fail(
    State(simulator): State<Simulator>,
    Path(number): Path<String>,
    Json(code): Json<Option<String>>,
) -> StatusCode {
    simulator.fail_deliveries(&number, code.as_deref());
    StatusCode::NO_CONTENT
}

fn state(simulator: &Simulator) -> Value {
    let state = simulator.world.lock();
    json!({
        "customers": state.customers.len(),
        "pending_events": state.pushes.len(),
        "subscriptions": state.subscriptions.iter().map(|(id, one)| shown(id, one)).collect::<Vec<_>>(),
        "last_webhook_error": state.last_webhook_error,
        "tokens_given": state.tokens_given,
        "sent": state.sent.total(),
        "refused": state.refused,
        "faults": state.faults.len(),
    })
}
