use uuid::Uuid;
use weft_auth::Principal;
use weft_domain::{Error, Result};
use weft_proto::{Intent, directory::v1::SyncTemplatesRequest, events::v1::ChannelTemplatesRequested};
use weft_store::{Once, Tx};

use super::lookup;
use crate::{
    directory::Directory,
    store::{channel_kinds, channels},
};

/// Has a channel's adapter list the templates anew.
pub(crate) async fn run(
    directory: &Directory,
    caller: &Principal,
    request: &SyncTemplatesRequest,
    intent: &Intent,
) -> Result<Once<()>> {
    let channel = lookup::channel(&request.id)?;
    let scope = directory.scope(caller.tenant);
    let seen = scope.read(|tx| async move { channels::get(&tx, channel).await }).await?;
    let kind = channel_kinds::find(&directory.store, &seen.kind).await?.unwrap_or_default();
    if !kind.capabilities.is_some_and(|can| can.templates) {
        let words = "channels of this kind have no templates; write in words of your own";
        return Err(Error::precondition("templates_unsupported", words));
    }
    scope.write_once(intent, |tx| async move { ask(&tx, channel).await }).await
}

async fn ask(tx: &Tx, channel: Uuid) -> Result<()> {
    let row = channels::get(tx, channel).await?;
    if !row.enabled {
        let words = "the channel is switched off, so nobody asks its provider: switch it on first";
        return Err(Error::precondition("channel_disabled", words));
    }
    let channel_id = row.channel_id().to_string();
    let asked = ChannelTemplatesRequested { channel_id: channel_id.clone(), channel_kind: row.kind };
    tx.emit_event(&channel_id, &asked)
}
