use weft_auth::Principal;
use weft_domain::Result;
use weft_proto::{
    Intent,
    directory::v1::{DeleteChannelRequest, health::Status},
    events::v1::ChannelDeleted,
};
use weft_store::{Once, Tx};

use super::lookup;
use crate::{
    directory::Directory,
    store::{channels, templates},
};

/// Disconnects a channel. The row stays for the conversations that name it; its secrets do not.
pub(crate) async fn run(
    directory: &Directory,
    caller: &Principal,
    request: &DeleteChannelRequest,
    intent: &Intent,
) -> Result<Once<()>> {
    let channel = lookup::channel(&request.id)?;
    let public_url = directory.config.public_url.as_str();
    let scope = directory.scope(caller.tenant);
    scope.write_once(intent, |tx| async move { delete(&tx, channel, public_url).await }).await
}

async fn delete(tx: &Tx, channel: uuid::Uuid, public_url: &str) -> Result<()> {
    let mut row = channels::get_locked(tx, channel).await?;
    row.enabled = false;
    row.secrets = None;
    row.secrets_set = String::new();
    row.previous_secrets = None;
    row.previous_secrets_until = None;
    row.set_health(Status::Disabled, "", None);
    row.next_version(tx.now());
    row.deleted_at = Some(tx.now());
    channels::change(tx, &row).await?;
    templates::forget(tx, channel).await?;
    let shown = row.shown(public_url, tx.now())?;
    tx.emit_event(&shown.id.clone(), &ChannelDeleted { channel: Some(shown) })
}
