use std::fmt;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use weft_domain::{
    Error, Result, TenantId,
    id::{self, ChannelId},
};
use weft_proto::{convert::time, directory::v1::Account};

use super::{HostConfig, api_base, key_sets::KeySets};
use crate::{AccountSettings, fields_of, read_account};

/// A connected account, as the host keeps it for at most five minutes.
pub struct LiveAccount<S> {
    /// The channel.
    pub channel_id: ChannelId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// What its people call it.
    pub name: String,
    /// Whether it is switched on.
    pub enabled: bool,
    /// Rises with every change.
    pub version: u64,
    /// Its settings and secrets.
    pub settings: S,
    pub(crate) provider_is_near: bool,
    /// The same with the secrets before these, and until when webhooks may be signed with them.
    previous: Option<(S, DateTime<Utc>)>,
}

impl<S: AccountSettings> LiveAccount<S> {
    /// Reads what the directory gives. The error names the field at fault and never its value.
    pub(crate) fn read(account: &Account, config: &HostConfig, keys: &KeySets) -> Result<Self> {
        let fields = |part: &Option<_>| part.as_ref().map_or_else(Map::new, fields_of);
        let (settings, secrets) = (fields(&account.settings), fields(&account.secrets));
        let channel_id = id::parse("channel_id", &account.channel_id).map_err(Error::internal)?;
        let provider_is_near = api_base::is_near::<S>(&settings);
        let tenant_id = id::parse("tenant_id", &account.tenant_id).map_err(Error::internal)?;
        let webhook_url = config.webhook_url(&account.kind, &channel_id, provider_is_near);
        let with = |secrets: &Map<String, Value>| -> Result<S> {
            let mut read: S = read_account(&settings, secrets)?;
            read.belongs_to(tenant_id, channel_id);
            if let Some(place) = read.keys_published_at() {
                read.keys_are(keys.at(&place));
            }
            if let Some(url) = &webhook_url {
                read.reached_at(url);
            }
            Ok(read)
        };
        let until = account.previous_secrets_until.as_ref().and_then(time);
        // those that were never right do no harm
        let previous = until.and_then(|until| Some((with(&fields(&account.previous_secrets)).ok()?, until)));
        Ok(Self {
            channel_id,
            tenant_id,
            name: account.name.clone(),
            enabled: account.enabled,
            version: account.version,
            settings: with(&secrets)?,
            provider_is_near,
            previous,
        })
    }
}

impl<S> LiveAccount<S> {
    /// The account with the secrets before the present ones, as long as the provider may sign with them.
    pub fn settings_before(&self, now: DateTime<Utc>) -> Option<&S> {
        self.previous.as_ref().filter(|(_, until)| now < *until).map(|(settings, _)| settings)
    }
}

impl<S> fmt::Debug for LiveAccount<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveAccount")
            .field("channel_id", &self.channel_id.to_string())
            .field("version", &self.version)
            .field("enabled", &self.enabled)
            .finish_non_exhaustive()
    }
}
