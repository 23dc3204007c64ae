//! Automatic replies.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, FromJsonQueryResult, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, sea_query::LockType,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use weft_domain::Result;
use weft_store::Tx;

pub(crate) use super::entity::auto_reply::Model;
use super::entity::auto_reply::{Column, Entity};

/// Channels in a column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub(crate) struct Channels(pub(crate) Vec<Uuid>);

/// How many there are.
pub(crate) async fn count(tx: &Tx) -> Result<u64> {
    tx.count(Entity::find()).await
}

/// All that are said, the oldest first.
pub(crate) async fn enabled(tx: &Tx) -> Result<Vec<Model>> {
    tx.all(Entity::find().filter(Column::Enabled.eq(true)).order_by_asc(Column::Id)).await
}

/// These of them.
pub(crate) async fn of_ids(tx: &Tx, ids: Vec<Uuid>) -> Result<Vec<Model>> {
    tx.all(Entity::find().filter(tx.is_any_of(Column::Id, ids))).await
}

/// One that needs these hours.
pub(crate) async fn with_hours(tx: &Tx, hours: Uuid) -> Result<Option<Model>> {
    tx.one(Entity::find().filter(Column::HoursId.eq(hours)).limit(1)).await
}

/// One, its turn taken; none: it is gone.
pub(crate) async fn take(tx: &Tx, id: Uuid) -> Result<Option<Model>> {
    tx.one(Entity::find().filter(Column::Id.eq(id)).lock(LockType::Update)).await
}

/// A page, the oldest first.
pub(crate) async fn page(tx: &Tx, after: Option<Uuid>, size: u64) -> Result<Vec<Model>> {
    let find = Entity::find()
        .filter(Column::Id.gt(after.unwrap_or_default()))
        .order_by_asc(Column::Id)
        .limit(size + 1);
    tx.all(find).await
}

/// Writes one as it is in memory.
pub(crate) async fn save(tx: &Tx, row: &Model) -> Result<()> {
    tx.save_all(vec![row.clone().into_active_model().reset_all()]).await
}

/// Takes one away.
pub(crate) async fn remove(tx: &Tx, id: Uuid) -> Result<()> {
    tx.delete(Entity::delete_many().filter(Column::Id.eq(id))).await.map(drop)
}
