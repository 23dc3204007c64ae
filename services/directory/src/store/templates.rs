use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, sea_query::OnConflict,
};
use uuid::Uuid;
use weft_domain::Result;
use weft_proto::{
    directory::v1::{ChannelTemplate, channel_template::Status},
    json,
};
use weft_store::Tx;

use super::entity::{
    channel_template::{ActiveModel, Column, Entity},
    channel_template_sync as sync,
};

pub(crate) use super::entity::{channel_template::Model, channel_template_sync::Model as Sync};

/// Which templates to list.
pub(crate) struct Which<'a> {
    pub(crate) channel: Uuid,
    pub(crate) status: Option<Status>,
    pub(crate) language: Option<&'a str>,
}

/// Some templates after `after`.
pub(crate) async fn page(tx: &Tx, which: &Which<'_>, after: Option<Uuid>, limit: u64) -> Result<Vec<Model>> {
    let mut select = of(which.channel)
        .filter(Column::Id.gt(after.unwrap_or_default()))
        .order_by_asc(Column::Id)
        .limit(limit);
    if let Some(status) = which.status {
        select = select.filter(Column::Status.eq(status.as_str_name()));
    }
    if let Some(language) = which.language {
        select = select.filter(Column::Language.eq(language));
    }
    tx.all(select).await
}

/// All of one name, one for each language.
pub(crate) async fn named(tx: &Tx, channel: Uuid, name: &str) -> Result<Vec<Model>> {
    tx.all(of(channel).filter(Column::Name.eq(name)).order_by_asc(Column::Language)).await
}

/// How many there are.
pub(crate) async fn count(tx: &Tx, channel: Uuid) -> Result<u64> {
    tx.count(of(channel)).await
}

/// Adds what a provider listed, or puts it in the place of what was there.
pub(crate) async fn put(
    tx: &Tx,
    channel: Uuid,
    asked_at: DateTime<Utc>,
    listed: &[ChannelTemplate],
) -> Result<()> {
    // the last of two that are called the same: a database takes each only once
    let by_name: BTreeMap<_, _> =
        listed.iter().map(|template| ((&template.name, &template.language), template)).collect();
    let row = |template: &ChannelTemplate| {
        let row = Model {
            tenant_id: tx.tenant().uuid(),
            id: Uuid::now_v7(),
            channel_id: channel,
            name: template.name.clone(),
            language: template.language.clone(),
            status: template.status().as_str_name().to_owned(),
            template: String::from_utf8_lossy(&json::encode(template)?).into_owned(),
            asked_at,
        };
        Ok(row.into_active_model())
    };
    let rows: Vec<ActiveModel> = by_name.into_values().map(row).collect::<Result<_>>()?;
    let keys = [Column::TenantId, Column::ChannelId, Column::Name, Column::Language];
    let changed = [Column::Status, Column::Template, Column::AskedAt];
    tx.insert_new(rows, OnConflict::columns(keys).update_columns(changed).to_owned()).await.map(drop)
}

/// Forgets what was listed before then and not since.
pub(crate) async fn forget_before(tx: &Tx, channel: Uuid, asked_at: DateTime<Utc>) -> Result<()> {
    let gone =
        Entity::delete_many().filter(Column::ChannelId.eq(channel)).filter(Column::AskedAt.lt(asked_at));
    tx.delete(gone).await.map(drop)
}

/// Forgets all of a channel.
pub(crate) async fn forget(tx: &Tx, channel: Uuid) -> Result<()> {
    tx.delete(Entity::delete_many().filter(Column::ChannelId.eq(channel))).await?;
    tx.delete(sync::Entity::delete_many().filter(sync::Column::ChannelId.eq(channel))).await.map(drop)
}

/// When they were last asked for.
pub(crate) async fn sync(tx: &Tx, channel: Uuid) -> Result<Option<Sync>> {
    tx.one(sync::Entity::find().filter(sync::Column::ChannelId.eq(channel))).await
}

/// Writes that down.
pub(crate) async fn save_sync(tx: &Tx, row: Sync) -> Result<()> {
    tx.save_all(vec![row.into_active_model()]).await
}

fn of(channel: Uuid) -> sea_orm::Select<Entity> {
    Entity::find().filter(Column::ChannelId.eq(channel))
}

impl Model {
    pub(crate) fn shown(&self) -> Result<ChannelTemplate> {
        json::decode(self.template.as_bytes())
    }
}
