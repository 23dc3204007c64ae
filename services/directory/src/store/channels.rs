use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Map, Value};
use uuid::Uuid;
use weft_crypto::ExposeSecret;
use weft_domain::{Error, Result, TenantId, id, id::ChannelId};
use weft_proto::{
    convert::timestamp,
    directory::v1::{Account, Channel, Health, health::Status},
};
use weft_store::{Purpose, Store, Tx, vault::Cell};

use super::entity::channel::{ActiveModel, Column, Entity};
use crate::struct_json;

pub(crate) use super::entity::channel::Model;

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
        enabled: Set(new.enabled),
        health: Set(health.as_str_name().to_owned()),
        health_detail: Set(String::new()),
        health_checked_at: Set(None),
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
        enabled: Set(row.enabled),
        health: Set(row.health.clone()),
        health_detail: Set(row.health_detail.clone()),
        health_checked_at: Set(row.health_checked_at),
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
    Ok(Account {
        channel_id: row.channel_id().to_string(),
        tenant_id: tx.tenant().to_string(),
        kind: row.kind.clone(),
        name: row.name.clone(),
        enabled: row.enabled,
        settings: Some(struct_json::from_json(&row.settings()?)),
        secrets: Some(struct_json::from_json(&secrets)),
        version: u64::try_from(row.version).map_err(Error::internal)?,
    })
}

/// The secrets of a channel.
pub(crate) async fn open(tx: &Tx, row: &Model) -> Result<Fields> {
    let Some(sealed) = &row.secrets else { return Ok(Fields::new()) };
    let plain = tx.vault().open(tx, cell(row.id), sealed).await?;
    serde_json::from_slice(plain.expose_secret()).map_err(|_| Error::internal("sealed secrets are not JSON"))
}

/// All secrets of a channel as one sealed value.
pub(crate) async fn seal(tx: &Tx, channel: Uuid, secrets: &Fields) -> Result<Option<Vec<u8>>> {
    if secrets.is_empty() {
        return Ok(None);
    }
    let plain =
        weft_crypto::SecretBytes::new(Box::new(serde_json::to_vec(secrets).map_err(Error::internal)?));
    tx.vault().seal(tx, cell(channel), plain.expose_secret()).await.map(Some)
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

    /// The channel as everybody may see it.
    pub(crate) fn shown(&self, public_url: &str) -> Result<Channel> {
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
            health: Some(Health {
                status: Status::from_str_name(&self.health).unwrap_or_default().into(),
                detail: self.health_detail.clone(),
                checked_at: self.health_checked_at.map(timestamp),
            }),
            webhook_url,
            created_at: Some(timestamp(self.created_at)),
            updated_at: Some(timestamp(self.updated_at)),
        })
    }
}
