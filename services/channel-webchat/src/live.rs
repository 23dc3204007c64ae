//! A visitor's socket.

mod wire;

use std::{sync::Arc, time::Duration};

use axum::extract::ws::{Message, WebSocket};
use tokio::time::Instant;
use weft_bus::LiveSubscription;

use crate::{
    ear::{Ear, Ended, Heard},
    http::{Api, visitor::Visitor},
    talk,
};
use wire::{Closed, Wire};

/// Three pings without a sign of life.
const SILENT_FOR: Duration = Duration::from_secs(60);

/// Serves a socket until one side ends it.
pub(crate) async fn run(socket: WebSocket, api: Arc<Api>, visitor: Visitor, pushed: LiveSubscription) {
    let mut wire = Wire::new(socket, api.config.slow_after());
    let ended = converse(&mut wire, Ear::new(&api, visitor, pushed).await).await;
    if let Err(closed) = ended {
        wire.close(closed).await;
    }
}

async fn converse(wire: &mut Wire, mut ear: Ear) -> Result<(), Closed> {
    let mut heard_of = Instant::now();
    wire.send(&ear.hello()).await?;
    loop {
        tokio::select! {
            received = wire.receive() => {
                heard_of = Instant::now();
                match received? {
                    Message::Text(text) => {
                        let said = serde_json::from_str(text.as_str());
                        for frame in talk::hear(&ear.api, &ear.visitor, said).await {
                            wire.send(&frame).await?;
                        }
                    }
                    Message::Binary(_) => return Err(Closed::Unsupported),
                    Message::Close(_) => return Ok(()),
                    Message::Ping(_) | Message::Pong(_) => {}
                }
            }
            heard = ear.next() => match heard {
                Heard::Frame(frame) => wire.send_text(&frame).await?,
                Heard::Tick => {
                    if heard_of.elapsed() > SILENT_FOR {
                        return Err(Closed::Gone);
                    }
                    if let Some(news) = ear.look_around().await? {
                        wire.send(&news).await?;
                    }
                    wire.ping().await?;
                }
                Heard::Ended(why) => return Err(why.into()),
            },
        }
    }
}

impl From<Ended> for Closed {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::Restarting => Self::Restarting,
            Ended::Expired => Self::Expired,
            Ended::NoChannel => Self::NoChannel,
        }
    }
}
