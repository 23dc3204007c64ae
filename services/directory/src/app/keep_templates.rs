use chrono::{DateTime, SubsecRound as _, Utc};
use uuid::Uuid;
use weft_domain::{Error, Result};
use weft_proto::{convert::time, directory::v1::KeepTemplatesRequest, events::v1::ChannelTemplatesUpdated};
use weft_store::Tx;

use super::lookup;
use crate::{
    directory::Directory,
    store::{
        channels,
        templates::{self, Sync},
    },
};

const LONGEST_FAULT: usize = 2000;

/// Keeps what a provider listed. Of two lists at the same time the one that was asked for later counts.
pub(crate) async fn run(directory: &Directory, request: &KeepTemplatesRequest) -> Result<()> {
    let channel = lookup::channel(&request.channel_id)?;
    let asked_at = request.asked_at.as_ref().and_then(time);
    let asked_at = asked_at.ok_or_else(|| Error::invalid_field("asked_at", "say when it was asked for"))?;
    let tenant = channels::tenant_of(&directory.store, channel).await?;
    // as databases keep it
    let asked_at = asked_at.trunc_subsecs(6);
    directory.scope(tenant).write(|tx| async move { keep(&tx, channel, asked_at, request).await }).await
}

async fn keep(tx: &Tx, channel: Uuid, asked_at: DateTime<Utc>, request: &KeepTemplatesRequest) -> Result<()> {
    channels::get_locked(tx, channel).await?;
    let before = templates::sync(tx, channel).await?;
    if before.as_ref().is_some_and(|before| before.asked_at > asked_at) {
        return Ok(());
    }
    let has_failed = !request.fault.is_empty();
    let synced_at = if request.last && !has_failed {
        Some(asked_at)
    } else {
        before.as_ref().and_then(|before| before.synced_at)
    };
    let fault = match (has_failed, request.last, &before) {
        (true, ..) => request.fault.chars().take(LONGEST_FAULT).collect(),
        (false, false, Some(before)) => before.fault.clone(),
        _ => String::new(),
    };
    templates::put(tx, channel, asked_at, &request.templates).await?;
    let row = Sync {
        tenant_id: tx.tenant().uuid(),
        channel_id: channel,
        asked_at,
        synced_at,
        fault: fault.clone(),
    };
    templates::save_sync(tx, row).await?;
    if !request.last && !has_failed {
        return Ok(());
    }
    if !has_failed {
        templates::forget_before(tx, channel, asked_at).await?;
    }
    let count = u32::try_from(templates::count(tx, channel).await?).unwrap_or(u32::MAX);
    let event = ChannelTemplatesUpdated { channel_id: request.channel_id.clone(), count, fault };
    tx.emit_event(&request.channel_id, &event)
}
