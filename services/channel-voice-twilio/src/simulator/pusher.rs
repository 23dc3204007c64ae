use weft_channel::{Transport as _, TransportError};

use super::Simulator;

/// Brings callbacks one after the other. Twilio tries again only when it could not connect, and only once.
pub(super) async fn run(simulator: &Simulator) {
    loop {
        let (url, fields) = simulator.world.wait(|state| state.pushes.pop_front()).await;
        let call = || simulator.signed(url.clone(), fields.clone());
        let mut answer = simulator.transport.call(call()).await;
        if let Err(TransportError::Unreachable { .. }) = answer {
            answer = simulator.transport.call(call()).await;
        }
        let error = match answer {
            Ok(reply) if reply.status.is_success() => continue,
            Ok(reply) => format!("11200: the webhook answered {}", reply.status),
            Err(error) => format!("11205: {error}"),
        };
        simulator.world.change(|state| state.last_webhook_error = Some(error));
    }
}
