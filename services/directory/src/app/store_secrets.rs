use weft_domain::Result;
use weft_proto::{directory::v1::StoreSecretsRequest, events::v1::ChannelUpdated};
use weft_store::Tx;

use super::{
    channel_fields::{check_size, given, merge},
    lookup,
};
use crate::{
    directory::Directory,
    store::{channels, channels::Fields},
};

/// Keeps secrets that an adapter made itself. Storing the same ones again changes nothing.
pub(crate) async fn run(directory: &Directory, request: StoreSecretsRequest) -> Result<()> {
    let channel = lookup::channel(&request.channel_id)?;
    let secrets = given(request.secrets.as_ref());
    let tenant = channels::tenant_of(&directory.store, channel).await?;
    let (made, public_url) = (&secrets, directory.config.public_url.as_str());
    let scope = directory.scope(tenant);
    scope.write(|tx| async move { keep(&tx, channel, made, public_url).await }).await
}

async fn keep(tx: &Tx, channel: uuid::Uuid, made: &Fields, public_url: &str) -> Result<()> {
    let mut row = channels::get_locked(tx, channel).await?;
    let present = channels::open(tx, &row).await?;
    let merged = merge(present.clone(), made);
    if merged == present {
        return Ok(());
    }
    check_size("secrets", &merged)?;
    row.secrets = channels::seal(tx, row.id, &merged).await?;
    row.secrets_set = channels::names(&merged);
    row.next_version(tx.now());
    channels::change(tx, &row).await?;
    let shown = row.shown(public_url, tx.now())?;
    tx.emit_event(&shown.id.clone(), &ChannelUpdated { channel: Some(shown) })
}
