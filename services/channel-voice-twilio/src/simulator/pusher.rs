use tokio_util::sync::CancellationToken;
use weft_channel::{Transport as _, TransportError};

use super::Simulator;

/// Brings callbacks one after the other. Twilio tries again only when it could not connect, and only once.
pub(super) async fn run(simulator: &Simulator, stop: CancellationToken) {
    loop {
        let next = simulator.lock().pushes.pop_front();
        let work = async {
            match next {
                Some((url, fields)) => {
                    let call = || simulator.signed(url.clone(), fields.clone());
                    let mut answer = simulator.0.transport.call(call()).await;
                    if let Err(TransportError::Unreachable { .. }) = answer {
                        answer = simulator.0.transport.call(call()).await;
                    }
                    let error = match answer {
                        Ok(reply) if reply.status.is_success() => return,
                        Ok(reply) => format!("11200: the webhook answered {}", reply.status),
                        Err(error) => format!("11205: {error}"),
                    };
                    simulator.change(|state| state.last_webhook_error = Some(error));
                }
                None => simulator.0.pushes.notified().await,
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = work => {}
        }
    }
}
