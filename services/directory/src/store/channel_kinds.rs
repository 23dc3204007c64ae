use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::OnConflict};
use weft_domain::Result;
use weft_proto::{directory::v1::ChannelKind, json};
use weft_store::{Store, Tx, installation};

use super::entity::channel_kind::{ActiveModel, Column, Entity, Model};

/// Keeps what an adapter said, unless something later is known.
pub(crate) async fn put(store: &Store, kind: &ChannelKind, at: DateTime<Utc>) -> Result<()> {
    let descriptor = String::from_utf8_lossy(&json::encode(kind)?).into_owned();
    let descriptor = &descriptor;
    let scope = store.tenant(installation());
    scope.write(|tx| async move { put_row(&tx, &kind.kind, descriptor, at).await }).await
}

async fn put_row(tx: &Tx, kind: &str, descriptor: &str, at: DateTime<Utc>) -> Result<()> {
    let row = ActiveModel {
        tenant_id: Set(installation().uuid()),
        kind: Set(kind.to_owned()),
        descriptor: Set(descriptor.to_owned()),
        announced_at: Set(at),
    };
    let known = OnConflict::columns([Column::TenantId, Column::Kind]).do_nothing().to_owned();
    if !tx.insert_new(vec![row.clone()], known).await?.is_empty() {
        return Ok(());
    }
    let update =
        Entity::update_many().set(row).filter(Column::Kind.eq(kind)).filter(Column::AnnouncedAt.lt(at));
    tx.update(update).await.map(drop)
}

pub(crate) async fn find(store: &Store, kind: &str) -> Result<Option<ChannelKind>> {
    let select = Entity::find().filter(Column::Kind.eq(kind));
    let row = store.tenant(installation()).read(|tx| async move { tx.one(select).await }).await?;
    row.map(|found| read(&found)).transpose()
}

pub(crate) async fn all(store: &Store) -> Result<Vec<ChannelKind>> {
    let select = Entity::find().order_by_asc(Column::Kind);
    let rows = store.tenant(installation()).read(|tx| async move { tx.all(select).await }).await?;
    rows.iter().map(read).collect()
}

fn read(row: &Model) -> Result<ChannelKind> {
    json::decode(row.descriptor.as_bytes())
}
