//! Shows visitors how far our side has read.

use std::{sync::Arc, time::Duration};

use serde::Deserialize;
use serde_json::json;
use weft_cache::Key;
use weft_domain::Result;

use crate::{http::Api, room::Room};

const ONCE: Duration = Duration::from_secs(60);

/// Our side has read.
#[derive(Deserialize)]
struct ReadOut {
    tenant_id: String,
    thread_id: String,
    seq: u64,
}

/// Tells visitors' pages what was read, until stopped.
pub(crate) async fn run(api: Arc<Api>) -> Result<()> {
    let mut live = api.bus.subscribe_live("weft.live.*.read_out.webchat").await?;
    while let Some(Some((_, body))) = api.stop.run_until_cancelled(live.next()).await {
        let Ok(read) = serde_json::from_slice::<ReadOut>(&body) else { continue };
        if let Err(error) = tell(&api, &read).await {
            tracing::debug!(%error, "a visitor was not told what we have read");
        }
    }
    Ok(())
}

async fn tell(api: &Api, read: &ReadOut) -> Result<()> {
    let room: Room = read.thread_id.parse()?;
    if room.tenant.to_string() != read.tenant_id {
        return Ok(());
    }
    // every replica hears of it, one tells
    let parts = [&*room.channel.to_string(), &*room.visitor.to_string(), &*read.seq.to_string()];
    if !api.cache.add(&Key::tenant(&room.tenant, "webchat-read", &parts), "told", ONCE).await? {
        return Ok(());
    }
    api.host.adapter().tell(&room, &json!({"type": "seen", "seq": read.seq})).await
}
