use std::time::Duration;

use serde_json::Value;
use socketioxide::{
    SendError, SocketError,
    extract::{AckSender, SocketRef},
};
use tokio::time::{Instant, sleep};

use super::events;
use crate::metering;

/// The library does not say when there is room again.
const PAUSE: Duration = Duration::from_millis(20);

/// A page that is waited for no longer than `patience`.
pub(super) struct Page {
    socket: SocketRef,
    patience: Duration,
}

/// The page has gone, or takes nothing more.
#[derive(Debug)]
pub(super) struct Gone;

impl Page {
    pub(super) fn new(socket: SocketRef, patience: Duration) -> Self {
        Self { socket, patience }
    }

    /// Emits a frame of ours, once there is room for it.
    pub(super) async fn emit(&self, frame: Value) -> Result<(), Gone> {
        let (name, body) = events::event(frame);
        let since = Instant::now();
        loop {
            let is_over = since.elapsed() >= self.patience;
            match self.socket.emit(&name, &body) {
                Ok(()) => return Ok(()),
                Err(error) if !is_full(&error) => return Err(Gone),
                Err(_) if is_over => return Err(too_slow()),
                Err(_) => sleep(PAUSE).await,
            }
        }
    }

    /// Emits what a page is answered, and calls it back with the end of it, if it wants to be.
    pub(super) async fn answer(&self, ack: AckSender, frames: Vec<Value>) -> Result<(), Gone> {
        let last = frames.last().cloned().map(|frame| events::event(frame).1).unwrap_or_default();
        for frame in frames {
            self.emit(frame).await?;
        }
        ack.send(&last).map_err(|error| if is_full(&error) { too_slow() } else { Gone })
    }

    /// Says something if there is room for it now.
    pub(super) fn try_emit(socket: &SocketRef, frame: Value) {
        let (name, body) = events::event(frame);
        drop(socket.emit(name, &body));
    }

    /// Sends the page away. The library refuses while there is no room to tell it: then it is asked again until the page
    /// has taken something, or the heartbeat has ended the connection.
    pub(super) async fn send_away(&self, farewell: Option<Value>) {
        if let Some(frame) = farewell {
            Self::try_emit(&self.socket, frame);
        }
        while let Err(SocketError::InternalChannelFull) = self.socket.clone().disconnect() {
            sleep(PAUSE).await;
        }
    }
}

fn is_full(error: &SendError) -> bool {
    matches!(error, SendError::Socket(SocketError::InternalChannelFull))
}

fn too_slow() -> Gone {
    metering::cut();
    Gone
}
