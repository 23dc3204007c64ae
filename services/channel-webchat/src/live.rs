//! A visitor's socket.

mod frame;
mod wire;

use std::{sync::Arc, time::Duration};

use axum::extract::ws::{Message, WebSocket};
use serde_json::{Value, json};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};
use weft_bus::LiveSubscription;
use weft_domain::ErrorCode;

use crate::{
    http::{Api, visitor::Visitor},
    metering::Open,
};
use wire::{Closed, Wire};

const PING_EVERY: Duration = Duration::from_secs(20);
/// Three pings without a sign of life.
const SILENT_FOR: Duration = Duration::from_secs(60);

/// Serves a socket until one side ends it.
pub(crate) async fn run(socket: WebSocket, api: Arc<Api>, visitor: Visitor, pushed: LiveSubscription) {
    let _open = Open::new();
    let mut wire = Wire::new(socket, api.config.slow_after());
    let ended = converse(&mut wire, &api, &visitor, pushed).await;
    if let Err(closed) = ended {
        wire.close(closed).await;
    }
}

async fn converse(
    wire: &mut Wire,
    api: &Api,
    visitor: &Visitor,
    mut pushed: LiveSubscription,
) -> Result<(), Closed> {
    let mut pings = interval(PING_EVERY);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard = Instant::now();
    let left = (visitor.session.expires_at - api.clock.now()).to_std().unwrap_or_default();
    let mut expiry = std::pin::pin!(sleep(left));
    wire.send(&hello(visitor)).await?;
    loop {
        tokio::select! {
            received = wire.receive() => {
                heard = Instant::now();
                match received? {
                    Message::Text(text) => frame::answer(wire, api, visitor, text.as_str()).await?,
                    Message::Binary(_) => return Err(Closed::Unsupported),
                    Message::Close(_) => return Ok(()),
                    Message::Ping(_) | Message::Pong(_) => {}
                }
            }
            event = pushed.next() => match event {
                Some((_, data)) => wire.send_text(&data).await?,
                None => return Err(Closed::Restarting),
            },
            _ = pings.tick() => {
                if heard.elapsed() > SILENT_FOR {
                    return Err(Closed::Gone);
                }
                still_there(api, visitor).await?;
                wire.ping().await?;
            }
            () = &mut expiry => return Err(Closed::Expired),
            () = api.stop.cancelled() => return Err(Closed::Restarting),
        }
    }
}

fn hello(visitor: &Visitor) -> Value {
    json!({
        "type": "hello",
        "visitor_id": visitor.session.visitor,
        "session_id": visitor.session.id,
        "expires_at": visitor.session.expires_at,
    })
}

/// A chat that was switched off is switched off for those who are in it, too.
async fn still_there(api: &Api, visitor: &Visitor) -> Result<(), Closed> {
    match api.host.account(&visitor.room.channel.to_string()).await {
        Err(error) if error.code() == ErrorCode::NotFound => Err(Closed::NoChannel),
        _ => Ok(()),
    }
}
