use uuid::Uuid;
use weft_auth::Principal;
use weft_crypto::ExposeSecret as _;
use weft_domain::{Error, Result};
use weft_proto::{
    Intent,
    directory::v1::{Channel, RotateChannelSecretRequest, health::Status},
    events::v1::ChannelUpdated,
};
use weft_store::{Once, Tx};

use super::{lookup, secret_grace};
use crate::{
    directory::Directory,
    store::{channel_kinds, channels},
};

/// Makes the secrets anew that Weft makes for a channel's webhook. Its adapter learns of it, and tells the provider.
pub(crate) async fn run(
    directory: &Directory,
    caller: &Principal,
    request: &RotateChannelSecretRequest,
    intent: &Intent,
) -> Result<Once<Channel>> {
    let channel = lookup::channel(&request.id)?;
    let grace = secret_grace::read("grace_seconds", request.grace_seconds)?;
    let scope = directory.scope(caller.tenant);
    let seen = scope.read(|tx| async move { channels::get(&tx, channel).await }).await?;
    let kind = channel_kinds::find(&directory.store, &seen.kind).await?.unwrap_or_default();
    let (names, public_url) = (&kind.made_secrets, directory.config.public_url.as_str());
    scope.write_once(intent, |tx| async move { rotate(&tx, channel, names, grace, public_url).await }).await
}

async fn rotate(
    tx: &Tx,
    channel: Uuid,
    names: &[String],
    grace: chrono::TimeDelta,
    public_url: &str,
) -> Result<Channel> {
    let mut row = channels::get_locked(tx, channel).await?;
    let present = channels::open(tx, &row).await?;
    let mut renewed = present.clone();
    for (_, value) in renewed.iter_mut().filter(|(name, _)| names.contains(*name)) {
        *value = weft_crypto::token::random_secret().expose_secret().into();
    }
    if renewed == present {
        return Err(nothing_made());
    }
    channels::replace_secrets(tx, &mut row, &present, &renewed, grace).await?;
    row.next_version(tx.now());
    if row.enabled {
        row.set_health(Status::Pending, "", None);
    }
    channels::change(tx, &row).await?;
    let shown = row.shown(public_url, tx.now())?;
    tx.emit_event(&shown.id, &ChannelUpdated { channel: Some(shown.clone()) })?;
    Ok(shown)
}

fn nothing_made() -> Error {
    Error::precondition(
        "no_secret_to_rotate",
        "Weft has made no secret for this channel's webhook; change it at the provider, and give the new one in `secrets` of \
         `PATCH /v1/channels/{id}`",
    )
}
