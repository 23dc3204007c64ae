use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Map, Value};
use uuid::Uuid;
use weft_crypto::ExposeSecret;
use weft_domain::{Error, Result, TenantId, id, id::ChannelId};
use weft_proto::{
    convert::timestamp,
    directory::v1::{Account, Channel, Health, health::Status},
    struct_json,
};
use weft_store::{Purpose, Store, Tx, vault::Cell};

use super::entity::channel::{ActiveModel, Column, Entity};

pub(crate) use super::entity::channel::Model;

/// How long before an account's credentials expire people are told.
const WARNED_BEFORE: TimeDelta = TimeDelta::days(7);

/// Settings or secrets of a channel.
pub(crate) type Fields = Map<String, Value>;

/// A channel to be made.
pub(crate) struct NewChannel<'a> {
    pub(crate) id: ChannelId,
    pub(crate) kind: &'a str,
    pub(crate) name: &'a str,
    pub(crate) settings: &'a Fields,
    pub(crate) secrets: &'a Fields,
    pub(crate) enabled: bool,
}

pub(crate) async fn insert(tx: &Tx, new: &NewChannel<'_>) -> Result<Model> {
    let health = if new.enabled { Status::Pending } else { Status::Disabled };
    let row = ActiveModel {
        tenant_id: Set(tx.tenant().uuid()),
        id: Set(new.id.uuid()),
        kind: Set(new.kind.to_owned()),
        name: Set(new.name.to_owned()),
        settings: Set(write(new.settings)?),
        secrets: Set(seal(tx, new.id.uuid(), new.secrets).await?),
        secrets_set: Set(names(new.secrets)),
        previous_secrets: Set(None),
        previous_secrets_until: Set(None),
        enabled: Set(new.enabled),
        health: Set(health.as_str_name().to_owned()),
        health_detail: Set(String::new()),
        health_checked_at: Set(None),
        token_expires_at: Set(None),
        version: Set(1),
        created_at: Set(tx.now()),
        updated_at: Set(tx.now()),
        deleted_at: Set(None),
    };
    tx.insert(row).await
}

pub(crate) async fn get(tx: &Tx, channel: Uuid) -> Result<Model> {
    tx.get("channel", live().filter(Column::Id.eq(channel))).await
}

/// Like [`get`], and nobody else changes the row until the transaction ends.
pub(crate) async fn get_locked(tx: &Tx, channel: Uuid) -> Result<Model> {
    tx.get("channel", live().filter(Column::Id.eq(channel)).lock_exclusive()).await
}

pub(crate) async fn page(tx: &Tx, kind: Option<&str>, after: Option<Uuid>, limit: u64) -> Result<Vec<Model>> {
    let mut select =
        live().filter(Column::Id.gt(after.unwrap_or_default())).order_by_asc(Column::Id).limit(limit);
    if let Some(wanted) = kind {
        select = select.filter(Column::Kind.eq(wanted));
    }
    tx.all(select).await
}

/// Stores a changed channel.
pub(crate) async fn change(tx: &Tx, row: &Model) -> Result<()> {
    let changed = ActiveModel {
        name: Set(row.name.clone()),
        settings: Set(row.settings.clone()),
        secrets: Set(row.secrets.clone()),
        secrets_set: Set(row.secrets_set.clone()),
        previous_secrets: Set(row.previous_secrets.clone()),
        previous_secrets_until: Set(row.previous_secrets_until),
        enabled: Set(row.enabled),
        health: Set(row.health.clone()),
        health_detail: Set(row.health_detail.clone()),
        health_checked_at: Set(row.health_checked_at),
        token_expires_at: Set(row.token_expires_at),
        version: Set(row.version),
        updated_at: Set(row.updated_at),
        deleted_at: Set(row.deleted_at),
        ..Default::default()
    };
    tx.update(Entity::update_many().set(changed).filter(Column::Id.eq(row.id))).await.map(drop)
}

/// An adapter names a channel without its tenant: whose is it?
pub(crate) async fn tenant_of(store: &Store, channel: Uuid) -> Result<TenantId> {
    let found =
        store.system(Purpose::ResolveChannel).await?.one(live().filter(Column::Id.eq(channel))).await?;
    found.map(|row| id::from_uuid(row.tenant_id)).ok_or_else(|| Error::not_found("channel"))
}

/// The enabled channels of a kind, of all tenants.
pub(crate) async fn enabled_of_kind(store: &Store, kind: &str) -> Result<Vec<Model>> {
    let select = live()
        .filter(Column::Kind.eq(kind))
        .filter(Column::Enabled.eq(true))
        .order_by_asc(Column::TenantId)
        .order_by_asc(Column::Id);
    store.system(Purpose::ResolveChannel).await?.all(select).await
}

/// A channel with its secrets, for its adapter.
pub(crate) async fn account(tx: &Tx, row: &Model) -> Result<Account> {
    let secrets = open(tx, row).await?;
    let previous = previous(tx, row).await?;
    Ok(Account {
        channel_id: row.channel_id().to_string(),
        tenant_id: tx.tenant().to_string(),
        kind: row.kind.clone(),
        name: row.name.clone(),
        enabled: row.enabled,
        settings: Some(struct_json::from_json(&row.settings()?)),
        secrets: Some(struct_json::from_json(&secrets)),
        version: u64::try_from(row.version).map_err(Error::internal)?,
        previous_secrets_until: previous.as_ref().and(row.previous_secrets_until).map(timestamp),
        previous_secrets: previous.as_ref().map(struct_json::from_json),
    })
}

/// The secrets of a channel.
pub(crate) async fn open(tx: &Tx, row: &Model) -> Result<Fields> {
    open_cell(tx, cell(row.id), row.secrets.as_ref()).await
}

/// The secrets before them, as long as webhooks may be signed with those.
async fn previous(tx: &Tx, row: &Model) -> Result<Option<Fields>> {
    if row.previous_until(tx.now()).is_none() {
        return Ok(None);
    }
    open_cell(tx, cell_before(row.id), row.previous_secrets.as_ref()).await.map(Some)
}

async fn open_cell(tx: &Tx, cell: Cell<'_>, sealed: Option<&Vec<u8>>) -> Result<Fields> {
    let Some(sealed) = sealed else { return Ok(Fields::new()) };
    let plain = tx.vault().open(tx, cell, sealed).await?;
    serde_json::from_slice(plain.expose_secret()).map_err(|_| Error::internal("sealed secrets are not JSON"))
}

/// All secrets of a channel as one sealed value.
pub(crate) async fn seal(tx: &Tx, channel: Uuid, secrets: &Fields) -> Result<Option<Vec<u8>>> {
    seal_cell(tx, cell(channel), secrets).await
}

async fn seal_cell(tx: &Tx, cell: Cell<'_>, secrets: &Fields) -> Result<Option<Vec<u8>>> {
    if secrets.is_empty() {
        return Ok(None);
    }
    let plain =
        weft_crypto::SecretBytes::new(Box::new(serde_json::to_vec(secrets).map_err(Error::internal)?));
    tx.vault().seal(tx, cell, plain.expose_secret()).await.map(Some)
}

/// Puts other secrets in the place of the present ones, which webhooks may be signed with for a while. What was replaced before
/// and is promised still, stays so where it does not change again.
pub(crate) async fn replace_secrets(
    tx: &Tx,
    row: &mut Model,
    present: &Fields,
    renewed: &Fields,
    grace: TimeDelta,
) -> Result<()> {
    let keeps = !grace.is_zero() && !present.is_empty();
    let mut before = present.clone();
    let promised = previous(tx, row).await?.unwrap_or_default();
    before.extend(promised.into_iter().filter(|(name, _)| present.get(name) == renewed.get(name)));
    row.previous_secrets = if keeps { seal_cell(tx, cell_before(row.id), &before).await? } else { None };
    row.previous_secrets_until = keeps.then(|| tx.now() + grace);
    row.secrets = seal(tx, row.id, renewed).await?;
    row.secrets_set = names(renewed);
    Ok(())
}

/// Channels that keep secrets which nothing is signed with any more.
pub(crate) async fn with_lapsed_secrets(store: &Store, now: DateTime<Utc>) -> Result<Vec<Model>> {
    let select = Entity::find().filter(Column::PreviousSecretsUntil.lte(now));
    store.system(Purpose::FindLapsed).await?.all(select).await
}

/// Forgets them, unless they were replaced meanwhile.
pub(crate) async fn forget_previous(tx: &Tx, channel: Uuid, now: DateTime<Utc>) -> Result<()> {
    let without =
        ActiveModel { previous_secrets: Set(None), previous_secrets_until: Set(None), ..Default::default() };
    let lapsed = Column::PreviousSecretsUntil.lte(now);
    let forget = Entity::update_many().set(without).filter(Column::Id.eq(channel)).filter(lapsed);
    tx.update(forget).await.map(drop)
}

/// Which of these channels are of this kind.
pub(crate) async fn of_kind(tx: &Tx, kind: &str, channels: HashSet<Uuid>) -> Result<HashSet<Uuid>> {
    let select = live().filter(Column::Kind.eq(kind)).filter(tx.is_any_of(Column::Id, channels));
    Ok(tx.all(select).await?.into_iter().map(|row| row.id).collect())
}

pub(crate) fn write(settings: &Fields) -> Result<String> {
    serde_json::to_string(settings).map_err(Error::internal)
}

/// The names of secrets, as they are kept.
pub(crate) fn names(secrets: &Fields) -> String {
    let mut all: Vec<&str> = secrets.keys().map(String::as_str).collect();
    all.sort_unstable();
    all.join("\n")
}

fn live() -> sea_orm::Select<Entity> {
    Entity::find().filter(Column::DeletedAt.is_null())
}

fn cell(channel: Uuid) -> Cell<'static> {
    Cell { table: "channel", column: "secrets", row: channel }
}

fn cell_before(channel: Uuid) -> Cell<'static> {
    Cell { table: "channel", column: "previous_secrets", row: channel }
}

fn shown_time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

impl Model {
    pub(crate) fn channel_id(&self) -> ChannelId {
        id::from_uuid(self.id)
    }

    pub(crate) fn settings(&self) -> Result<Fields> {
        serde_json::from_str(&self.settings).map_err(Error::internal)
    }

    pub(crate) fn set_health(&mut self, status: Status, detail: &str, checked_at: Option<DateTime<Utc>>) {
        self.health = status.as_str_name().to_owned();
        self.health_detail = detail.to_owned();
        self.health_checked_at = checked_at;
    }

    /// Notes that what its adapter works with has changed.
    pub(crate) fn next_version(&mut self, now: DateTime<Utc>) {
        self.version += 1;
        self.updated_at = now;
    }

    /// Until when webhooks may be signed with the secrets before the present ones, if they may.
    pub(crate) fn previous_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.previous_secrets_until.filter(|until| now < *until)
    }

    /// What its adapter said of it; credentials that are about to expire are told ahead of time.
    pub(crate) fn health(&self, now: DateTime<Utc>) -> Health {
        let told = Status::from_str_name(&self.health).unwrap_or_default();
        let expires =
            self.token_expires_at.filter(|at| told == Status::Connected && *at < now + WARNED_BEFORE);
        let (status, detail) = match expires {
            Some(at) => {
                (Status::Degraded, format!("its credentials expire at {}; give new ones", shown_time(at)))
            }
            None => (told, self.health_detail.clone()),
        };
        Health {
            status: status.into(),
            detail,
            checked_at: self.health_checked_at.map(timestamp),
            token_expires_at: self.token_expires_at.map(timestamp),
        }
    }

    /// The channel as everybody may see it.
    pub(crate) fn shown(&self, public_url: &str, now: DateTime<Utc>) -> Result<Channel> {
        let channel_id = self.channel_id();
        let webhook_url = match public_url {
            "" => String::new(),
            base => format!("{base}/hooks/{}/{channel_id}", self.kind),
        };
        Ok(Channel {
            id: channel_id.to_string(),
            kind: self.kind.clone(),
            name: self.name.clone(),
            settings: Some(struct_json::from_json(&self.settings()?)),
            secrets_set: self.secrets_set.lines().map(str::to_owned).collect(),
            enabled: self.enabled,
            health: Some(self.health(now)),
            webhook_url,
            created_at: Some(timestamp(self.created_at)),
            updated_at: Some(timestamp(self.updated_at)),
            previous_secrets_until: self.previous_until(now).map(timestamp),
        })
    }
}
