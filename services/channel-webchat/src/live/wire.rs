use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use bytes::Bytes;
use serde_json::Value;
use tokio::time::timeout;

/// A socket that waits for nobody longer than `patience`.
pub(super) struct Wire {
    socket: WebSocket,
    patience: Duration,
}

/// Why we end a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closed {
    /// The visitor is not there any more.
    Gone,
    /// The visitor does not take what is sent.
    Slow,
    /// Frames are text.
    Unsupported,
    /// We end; another replica is there.
    Restarting,
    /// The session is over.
    Expired,
    /// The chat was switched off.
    NoChannel,
}

impl Wire {
    pub(super) fn new(socket: WebSocket, patience: Duration) -> Self {
        Self { socket, patience }
    }

    /// The next message; may be dropped at any time.
    pub(super) async fn receive(&mut self) -> Result<Message, Closed> {
        self.socket.recv().await.ok_or(Closed::Gone)?.map_err(|_| Closed::Gone)
    }

    pub(super) async fn send(&mut self, frame: &Value) -> Result<(), Closed> {
        self.put(Message::Text(frame.to_string().into())).await
    }

    /// Sends what is JSON already.
    pub(super) async fn send_text(&mut self, json: &Bytes) -> Result<(), Closed> {
        match Utf8Bytes::try_from(json.clone()) {
            Ok(text) => self.put(Message::Text(text)).await,
            // nobody of ours publishes this
            Err(_) => Ok(()),
        }
    }

    pub(super) async fn ping(&mut self) -> Result<(), Closed> {
        self.put(Message::Ping(Bytes::new())).await
    }

    async fn put(&mut self, message: Message) -> Result<(), Closed> {
        match timeout(self.patience, self.socket.send(message)).await {
            Ok(sent) => sent.map_err(|_| Closed::Gone),
            Err(_) => {
                crate::metering::cut();
                Err(Closed::Slow)
            }
        }
    }

    /// Says why it ends, to whoever still listens.
    pub(super) async fn close(&mut self, why: Closed) {
        let Some((code, reason)) = why.words() else { return };
        let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
        // who does not take even this is gone
        drop(timeout(self.patience, self.socket.send(Message::Close(Some(frame)))).await);
    }
}

impl Closed {
    /// Codes from 4000 on are ours (RFC 6455, 7.4.2).
    fn words(self) -> Option<(u16, &'static str)> {
        match self {
            Self::Gone | Self::Slow => None,
            Self::Unsupported => Some((1003, "frames are text")),
            Self::Restarting => Some((1012, "restarting; connect again")),
            Self::Expired => Some((4401, "session_expired")),
            Self::NoChannel => Some((4404, "not_found")),
        }
    }
}
