//! Business hours.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::LockType,
};
use uuid::Uuid;
use weft_domain::Result;
use weft_store::Tx;

pub(crate) use super::entity::business_hours::Model;
use super::entity::business_hours::{Column, Entity};

/// How many there are.
pub(crate) async fn count(tx: &Tx) -> Result<u64> {
    tx.count(Entity::find()).await
}

/// These of them.
pub(crate) async fn of_ids(tx: &Tx, ids: Vec<Uuid>) -> Result<Vec<Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    tx.all(Entity::find().filter(tx.is_any_of(Column::Id, ids))).await
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
