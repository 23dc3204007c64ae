use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use bytes::Bytes;
use futures::SinkExt;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use super::end::End;
use crate::metering;

/// For the last words, and for the other side to answer them; a client that is behind has to take all the others before.
const FAREWELL: Duration = Duration::from_secs(2);

/// A socket that is sent to with patience, but not for ever.
pub(super) struct Connection {
    socket: WebSocket,
    patience: Duration,
    ended: CancellationToken,
    heard: Instant,
}

/// What came in.
pub(super) enum Incoming {
    Text(Utf8Bytes),
    /// Ping, pong.
    Sign,
    /// Something that is not text.
    Binary,
}

impl Connection {
    pub(super) fn new(socket: WebSocket, patience: Duration, ended: CancellationToken) -> Self {
        Self { socket, patience, ended, heard: Instant::now() }
    }

    pub(super) async fn send(&mut self, text: Utf8Bytes) -> Result<(), End> {
        self.send_all(std::iter::once(text)).await
    }

    /// Sends frames with one flush.
    pub(super) async fn send_all(
        &mut self,
        texts: impl Iterator<Item = Utf8Bytes> + Send,
    ) -> Result<(), End> {
        let socket = &mut self.socket;
        let mut frames = 0;
        let sending = async {
            for text in texts {
                socket.feed(Message::Text(text)).await?;
                frames += 1;
            }
            socket.flush().await
        };
        tokio::select! {
            sent = timeout(self.patience, sending) => match sent {
                Ok(Ok(())) => {
                    metering::sent(frames);
                    Ok(())
                }
                Ok(Err(_)) => Err(End::Gone),
                Err(_elapsed) => Err(End::Lagging),
            },
            () = self.ended.cancelled() => Err(End::SessionEnded),
        }
    }

    pub(super) async fn ping(&mut self) -> Result<(), End> {
        let ping = self.socket.send(Message::Ping(Bytes::new()));
        match timeout(self.patience, ping).await {
            Ok(sent) => sent.map_err(|_| End::Gone),
            Err(_elapsed) => Err(End::Lagging),
        }
    }

    /// How long ago the other side last said anything.
    pub(super) fn silence(&self) -> Duration {
        self.heard.elapsed()
    }

    /// May be dropped while it waits.
    pub(super) async fn receive(&mut self) -> Result<Incoming, End> {
        let received = self.socket.recv().await;
        self.heard = Instant::now();
        match received {
            Some(Ok(Message::Text(text))) => Ok(Incoming::Text(text)),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(Incoming::Sign),
            Some(Ok(Message::Binary(_))) => Ok(Incoming::Binary),
            Some(Ok(Message::Close(_))) | None => Err(End::Gone),
            Some(Err(_)) => Err(End::Unreadable),
        }
    }

    /// Says the last words, and waits a moment for the other side to close: data that comes after would make the system
    /// throw ours away.
    pub(super) async fn close(mut self, goodbye: Option<Utf8Bytes>, end: End) {
        let (code, reason) = end.close();
        let limit = if end == End::Lagging { self.patience.max(FAREWELL) } else { FAREWELL };
        let farewell = async {
            if let Some(text) = goodbye {
                self.socket.feed(Message::Text(text)).await?;
            }
            let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
            self.socket.send(Message::Close(Some(frame))).await?;
            while let Some(Ok(_)) = self.socket.recv().await {}
            Ok::<_, axum::Error>(())
        };
        // a socket that is gone needs no goodbye
        drop(timeout(limit, farewell).await);
    }
}
