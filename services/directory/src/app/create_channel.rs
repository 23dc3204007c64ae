use weft_auth::Principal;
use weft_domain::{Error, Result, id};
use weft_proto::{
    Intent,
    directory::v1::{Channel, ChannelKind, CreateChannelRequest},
    events::v1::ChannelCreated,
};
use weft_store::Once;

use super::channel_fields::{check_size, given, without_nulls};
use crate::{
    directory::Directory,
    kind_form::Form,
    store::{channel_kinds, channels, channels::NewChannel},
};

/// Connects an account of a kind that an adapter has announced.
pub(crate) async fn run(
    directory: &Directory,
    caller: &Principal,
    request: CreateChannelRequest,
    intent: &Intent,
) -> Result<Once<Channel>> {
    let kind = known_kind(directory, &request.kind).await?;
    let settings = without_nulls(given(request.settings.as_ref()));
    let secrets = without_nulls(given(request.secrets.as_ref()));
    Form::settings(&kind)?.check(&settings)?;
    Form::secrets(&kind)?.check(&secrets)?;
    check_size("settings", &settings)?;
    check_size("secrets", &secrets)?;
    let new = NewChannel {
        id: id::new(),
        kind: &kind.kind,
        name: request.name.trim(),
        settings: &settings,
        secrets: &secrets,
        enabled: request.enabled.unwrap_or(true),
    };
    let (channel, public_url) = (&new, directory.config.public_url.as_str());
    let scope = directory.scope(caller.tenant);
    scope
        .write_once(intent, |tx| async move {
            let shown = channels::insert(&tx, channel).await?.shown(public_url, tx.now())?;
            tx.emit_event(&shown.id, &ChannelCreated { channel: Some(shown.clone()) })?;
            Ok(shown)
        })
        .await
}

async fn known_kind(directory: &Directory, name: &str) -> Result<ChannelKind> {
    if let Some(kind) = channel_kinds::find(&directory.store, name).await? {
        return Ok(kind);
    }
    let known = channel_kinds::all(&directory.store).await?;
    let names: Vec<String> = known.into_iter().map(|kind| kind.kind).collect();
    let words = match names.as_slice() {
        [] => "no adapter has announced a kind of channel yet".to_owned(),
        _ => format!("`kind` must be one of {}", names.join(", ")),
    };
    Err(Error::invalid_field("kind", words))
}
