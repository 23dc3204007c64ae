use axum::{Router, extract::State as Shared, http::StatusCode, routing::post};
use serde::Deserialize;
use weft_channel::simulation::control;

use super::Simulator;

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
    let say = |it: &Simulator, address: String, says| Ok(it.customer_says(&address, &address, says));
    let clear_faults = |it: &Simulator| it.world.lock().faults.clear();
    let faults = control::takes(Simulator::fail_next).merge(control::clears(clear_faults));
    Router::new()
        .route("/simulator/customers/{address}/messages", control::lets("message_id", say))
        .route("/simulator/sent", control::shows(Simulator::sent))
        .route("/simulator/faults", faults)
        .route("/simulator/renumber", post(renumber))
        .route("/simulator/forget_history", post(forget_history))
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
        self.world.lock().faults.push(fault);
    }
}
