use bytes::Bytes;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio_util::sync::CancellationToken;

use crate::{jetstream, subject};

/// Listens to subjects whose messages are worth nothing a second later; some may be missed.
pub struct LiveSubscription(pub(crate) Inner);

pub(crate) enum Inner {
    Embedded { receiver: broadcast::Receiver<(String, Bytes)>, pattern: String, closed: CancellationToken },
    JetStream(jetstream::Live),
}

impl LiveSubscription {
    /// Waits for the next message and gives its subject with it; `None` once the bus is closed.
    pub async fn next(&mut self) -> Option<(String, Bytes)> {
        match &mut self.0 {
            Inner::JetStream(live) => live.next().await,
            Inner::Embedded { receiver, pattern, closed } => loop {
                let received = tokio::select! {
                    received = receiver.recv() => received,
                    () = closed.cancelled() => return None,
                };
                match received {
                    Ok((found, data)) if subject::matches(pattern, &found) => return Some((found, data)),
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return None,
                }
            },
        }
    }
}
