use axum::{
    Json, Router,
    extract::{Path, State as Shared},
    http::StatusCode,
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Says, Sent, Simulator};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The next recipient is put off (451).
    Busy,
    /// The next recipient is refused (550).
    Unknown,
    /// The next mail is refused as spam (554).
    Spam,
    /// The connection breaks after the next mail is taken and before that is said.
    DropAfterData,
    /// The connection breaks before the next mail is taken; only over the Gmail API.
    DropBeforeData,
    /// The next mail is too much for the mailbox's rate (403); only over the Gmail API.
    Limited,
    /// There is a fault (503) instead of the next mail; only over the Gmail API.
    Broken,
    /// Nobody is let in once.
    SignIn,
    /// The connection breaks while the next one waits for mail.
    DropWhileIdle,
}

/// Our own control of the simulator.
pub(super) fn router() -> Router<Simulator> {
    Router::new()
        .route("/simulator/customers/{address}/messages", post(say))
        .route("/simulator/sent", get(sent))
        .route("/simulator/faults", post(fault).delete(no_faults))
        .route("/simulator/renumber", post(renumber))
        .route("/simulator/forget_history", post(forget_history))
}

async fn say(
    Shared(simulator): Shared<Simulator>,
    Path(address): Path<String>,
    Json(says): Json<Says>,
) -> (StatusCode, Json<Value>) {
    let message_id = simulator.customer_says(&address, &address, says);
    (StatusCode::CREATED, Json(json!({"message_id": message_id})))
}

async fn sent(Shared(simulator): Shared<Simulator>) -> Json<Vec<Sent>> {
    Json(simulator.sent())
}

async fn fault(Shared(simulator): Shared<Simulator>, Json(fault): Json<Fault>) -> StatusCode {
    simulator.fail_next(fault);
    StatusCode::NO_CONTENT
}

async fn no_faults(Shared(simulator): Shared<Simulator>) -> StatusCode {
    simulator.lock().faults.clear();
    StatusCode::NO_CONTENT
}

async fn renumber(Shared(simulator): Shared<Simulator>) -> StatusCode {
    simulator.renumber();
    StatusCode::NO_CONTENT
}

async fn forget_history(Shared(simulator): Shared<Simulator>) -> StatusCode {
    simulator.forget_history();
    StatusCode::NO_CONTENT
}

impl Simulator {
    /// Lets something go wrong the next time it can.
    pub fn fail_next(&self, fault: Fault) {
        self.lock().faults.push(fault);
    }
}
