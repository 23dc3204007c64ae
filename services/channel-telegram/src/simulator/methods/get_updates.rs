use std::time::Duration;

use serde_json::Value;
use tokio::time::timeout;

use super::{Answer, Parameters, Refusal, Simulator, State, set_webhook::allowed_updates};

/// The server holds an answer back no longer than this.
const MAX_HOLD: i64 = 50;

/// Gives the updates from the offset on, waiting for one when there is none. A newer call ends an older one.
pub(super) async fn get(simulator: &Simulator, parameters: &Parameters) -> Answer {
    let offset = parameters.integer("offset").unwrap_or_default();
    let limit = usize::try_from(parameters.integer("limit").unwrap_or(100).clamp(1, 100)).unwrap_or(100);
    let seconds = parameters.integer("timeout").unwrap_or_default().clamp(0, MAX_HOLD);
    let hold = Duration::from_secs(seconds.unsigned_abs());
    let allowed = allowed_updates(parameters)?;
    let own = simulator.world.change(|state| {
        if let Some(allowed) = allowed {
            state.updates.allowed = allowed;
        }
        state.poller += 1;
        state.poller
    });
    let look = |state: &mut State| {
        if state.webhook.url.is_some() {
            let why = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";
            return Some(Err(Refusal::conflict(why)));
        }
        if state.poller != own {
            let why =
                "terminated by other getUpdates request; make sure that only one bot instance is running";
            return Some(Err(Refusal::conflict(why)));
        }
        let updates = state.updates.take_from(offset, limit);
        (!updates.is_empty()).then(|| Ok(Value::Array(updates)))
    };
    let found = timeout(hold, simulator.world.wait(look)).await.ok();
    found.or_else(|| look(&mut simulator.world.lock())).unwrap_or_else(|| Ok(Value::Array(Vec::new())))
}
