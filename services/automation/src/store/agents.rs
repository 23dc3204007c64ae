//! People and their load.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;
use weft_domain::Result;
use weft_store::Tx;

pub(crate) use super::entity::agent::Model;
use super::entity::agent::{Column, Entity};
use crate::availability::Status;

/// Somebody, if we have heard of them.
pub(crate) async fn find(tx: &Tx, id: Uuid) -> Result<Option<Model>> {
    tx.one(Entity::find().filter(Column::Id.eq(id))).await
}

/// Somebody nobody has told us of yet.
pub(crate) fn new(tx: &Tx, id: Uuid) -> Model {
    Model {
        tenant_id: tx.tenant().uuid(),
        id,
        name: String::new(),
        role: String::new(),
        disabled: false,
        told_at: None,
        status: Status::Offline.to_string(),
        capacity: None,
        note: String::new(),
        open: 0,
        last_assigned_at: None,
        updated_at: tx.now(),
    }
}

/// Those who can be given conversations now, however busy they are.
pub(crate) async fn available(tx: &Tx) -> Result<Vec<Model>> {
    let find = Entity::find()
        .filter(Column::Status.eq(Status::Available.to_string()))
        .filter(Column::Disabled.eq(false));
    tx.all(find).await
}

/// How many of those who may sign in say this of themselves.
pub(crate) async fn count(tx: &Tx, status: Status) -> Result<u32> {
    let find = Entity::find()
        .filter(Column::Role.ne(""))
        .filter(Column::Status.eq(status.to_string()))
        .filter(Column::Disabled.eq(false));
    Ok(u32::try_from(tx.count(find).await?).unwrap_or(u32::MAX))
}

/// A page of those who may sign in, by id.
pub(crate) async fn page(tx: &Tx, after: Option<Uuid>, size: u64) -> Result<Vec<Model>> {
    let find = Entity::find()
        .filter(Column::Role.ne(""))
        .filter(Column::Disabled.eq(false))
        .filter(Column::Id.gt(after.unwrap_or_default()))
        .order_by_asc(Column::Id)
        .limit(size + 1);
    tx.all(find).await
}

/// Writes rows back; the tenant's turn has been taken.
pub(crate) async fn save(tx: &Tx, rows: Vec<Model>) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    tx.save_all(rows.into_iter().map(|row| row.into_active_model().reset_all()).collect()).await
}

/// These people, with new rows for those who have none; the new ones are not stored yet.
pub(crate) async fn of_ids(tx: &Tx, ids: Vec<Uuid>) -> Result<Vec<Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut rows = tx.all(Entity::find().filter(tx.is_any_of(Column::Id, ids.clone()))).await?;
    let missing: Vec<_> = ids.into_iter().filter(|id| rows.iter().all(|row| row.id != *id)).collect();
    rows.extend(missing.into_iter().map(|id| new(tx, id)));
    Ok(rows)
}
