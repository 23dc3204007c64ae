//! Tells our side when a visitor comes and goes. Worth nothing once it has changed: what fails is not tried again.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use tokio::time::sleep;
use weft_bus::subject;
use weft_cache::Key;
use weft_domain::Result;
use weft_proto::{events::v1::PresenceSeen, json};

use crate::{http::Api, room::Room};

/// Longer than between two looks of a socket.
pub(crate) const STAYS: Duration = Duration::from_secs(60);
/// Asks a visitor's sockets whether one is left.
const ROLL_CALL: &[u8] = br#"{"type":"roll_call"}"#;

/// A socket of the visitor was opened, or is still there.
pub(crate) async fn here(api: &Arc<Api>, room: &Room) {
    if let Ok(true) = api.cache.add(&key(room), "here", STAYS).await {
        // nobody's greeting waits for it
        let (told, room) = (Arc::clone(api), *room);
        api.lifecycle.work().spawn("say that a visitor came", async move { tell(&told, &room, true).await });
    } else {
        api.cache.set(&key(room), "here", STAYS).await;
    }
}

/// A socket was closed: the visitor has left when no other says that it is there, and no page comes back.
pub(crate) fn gone(api: &Arc<Api>, room: &Room) {
    let (api, room) = (Arc::clone(api), *room);
    let tasks = api.lifecycle.work().clone();
    let stop = tasks.stop_token();
    tasks.spawn("see a visitor off", async move {
        if api.cache.delete(&key(&room)).await.is_err() || call_the_roll(&api, &room).await.is_err() {
            return;
        }
        // whoever comes back within this time has never left
        if stop.run_until_cancelled(sleep(api.config.left_after())).await.is_none() {
            return;
        }
        if api.cache.get(&key(&room)).await.is_none() {
            tell(&api, &room, false).await;
        }
    });
}

/// Whether somebody asks who is left.
pub(crate) fn is_roll_call(frame: &Bytes) -> bool {
    frame == ROLL_CALL
}

/// Says that one is left.
pub(crate) async fn answer_roll_call(api: &Api, room: &Room) {
    api.cache.set(&key(room), "here", STAYS).await;
}

async fn call_the_roll(api: &Api, room: &Room) -> Result<()> {
    api.bus.publish_live(&room.subject()?, Bytes::from_static(ROLL_CALL)).await
}

async fn tell(api: &Api, room: &Room, online: bool) {
    if let Err(error) = try_to_tell(api, room, online).await {
        tracing::debug!(%error, "nobody was told that a visitor came or left");
    }
}

async fn try_to_tell(api: &Api, room: &Room, online: bool) -> Result<()> {
    // who has never written is nobody's yet
    let Some(conversation_id) = api.history.conversation(room).await? else { return Ok(()) };
    let seen = PresenceSeen { conversation_id, online };
    let subject = subject::live(&room.tenant.to_string(), &["presence"])?;
    api.bus.publish_live(&subject, json::encode(&seen)?).await
}

fn key(room: &Room) -> Key {
    Key::tenant(&room.tenant, "webchat-here", &[&room.channel.to_string(), &room.visitor.to_string()])
}
