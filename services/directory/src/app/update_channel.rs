use chrono::TimeDelta;
use weft_auth::Principal;
use weft_domain::{Error, Result};
use weft_proto::{
    Intent,
    directory::v1::{Channel, UpdateChannelRequest, health::Status},
    events::v1::ChannelUpdated,
};
use weft_store::{Once, Tx};

use super::{
    channel_fields::{check_size, given, merge},
    lookup, secret_grace,
};
use crate::{
    directory::Directory,
    kind_form::Form,
    store::{
        channel_kinds, channels,
        channels::{Fields, Model},
    },
};

/// What is to change about a channel, with the forms to check it against.
struct Change<'a> {
    name: Option<&'a str>,
    enabled: Option<bool>,
    settings: Option<(Fields, Form)>,
    secrets: Option<(Fields, Form)>,
    secret_grace: TimeDelta,
    public_url: &'a str,
}

/// Changes a channel. Settings and secrets given replace the keys they name; a null removes a key.
pub(crate) async fn run(
    directory: &Directory,
    caller: &Principal,
    request: UpdateChannelRequest,
    intent: &Intent,
) -> Result<Once<Channel>> {
    let channel = lookup::channel(&request.id)?;
    let name = request.name.as_deref().map(str::trim);
    if name == Some("") {
        return Err(Error::invalid_field("name", "`name` must not be empty"));
    }
    let secret_grace = secret_grace::read("secret_grace_seconds", request.secret_grace_seconds)?;
    let scope = directory.scope(caller.tenant);
    let seen = scope.read(|tx| async move { channels::get(&tx, channel).await }).await?;
    let (settings, secrets) = forms(directory, &seen.kind, &request).await?;
    let public_url = directory.config.public_url.as_str();
    let change = Change { name, enabled: request.enabled, settings, secrets, secret_grace, public_url };
    let wanted = &change;
    scope.write_once(intent, |tx| async move { wanted.apply(&tx, channel).await }).await
}

type Given = Option<(Fields, Form)>;

async fn forms(directory: &Directory, kind: &str, request: &UpdateChannelRequest) -> Result<(Given, Given)> {
    if request.settings.is_none() && request.secrets.is_none() {
        return Ok((None, None));
    }
    let found = channel_kinds::find(&directory.store, kind).await?;
    let kind = found.ok_or_else(|| Error::internal("a channel of a kind that nobody announced"))?;
    let settings = request.settings.as_ref().map(|fields| given(Some(fields)));
    let secrets = request.secrets.as_ref().map(|fields| given(Some(fields)));
    Ok((
        settings.map(|fields| Ok::<_, Error>((fields, Form::settings(&kind)?))).transpose()?,
        secrets.map(|fields| Ok::<_, Error>((fields, Form::secrets(&kind)?))).transpose()?,
    ))
}

impl Change<'_> {
    async fn apply(&self, tx: &Tx, channel: uuid::Uuid) -> Result<Channel> {
        let before = channels::get_locked(tx, channel).await?;
        let mut after = before.clone();
        if let Some(name) = self.name {
            after.name = name.to_owned();
        }
        self.set_settings(&mut after)?;
        self.set_secrets(tx, &mut after).await?;
        let reworked = after.settings != before.settings || after.secrets != before.secrets;
        if let Some(enabled) = self.enabled {
            after.enabled = enabled;
        }
        if after == before {
            return before.shown(self.public_url, tx.now());
        }
        after.updated_at = tx.now();
        if reworked || after.enabled != before.enabled {
            after.next_version(tx.now());
            // Its adapter looks at it again, and says how that went.
            let status = if after.enabled { Status::Pending } else { Status::Disabled };
            after.set_health(status, "", None);
        }
        channels::change(tx, &after).await?;
        let shown = after.shown(self.public_url, tx.now())?;
        tx.emit_event(&shown.id, &ChannelUpdated { channel: Some(shown.clone()) })?;
        Ok(shown)
    }

    fn set_settings(&self, row: &mut Model) -> Result<()> {
        let Some((given, form)) = &self.settings else { return Ok(()) };
        form.check_names(given)?;
        let merged = merge(row.settings()?, given);
        form.check(&form.known(&merged))?;
        check_size("settings", &merged)?;
        row.settings = channels::write(&merged)?;
        Ok(())
    }

    async fn set_secrets(&self, tx: &Tx, row: &mut Model) -> Result<()> {
        let Some((given, form)) = &self.secrets else { return Ok(()) };
        form.check_names(given)?;
        let present = channels::open(tx, row).await?;
        let merged = merge(present.clone(), given);
        form.check(&form.known(&merged))?;
        check_size("secrets", &merged)?;
        if merged == present {
            return Ok(());
        }
        channels::replace_secrets(tx, row, &present, &merged, self.secret_grace).await
    }
}
