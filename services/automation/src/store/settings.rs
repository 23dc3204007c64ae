//! A tenant's settings, whose row is the tenant's turn.

use sea_orm::{
    ActiveValue::Set,
    EntityTrait, QuerySelect,
    sea_query::{LockType, OnConflict},
};
use weft_domain::Result;
use weft_store::Tx;

use super::entity::assignment_settings::{ActiveModel, Column, Entity};

/// Whether conversations are assigned by themselves; they are, unless somebody said otherwise.
pub(crate) async fn enabled(tx: &Tx) -> Result<bool> {
    Ok(tx.one(Entity::find()).await?.is_none_or(|row| row.enabled))
}

/// Takes the tenant's turn: until the transaction ends nobody else decides or counts. Says what [`enabled`] says.
pub(crate) async fn take_turn(tx: &Tx) -> Result<bool> {
    // SQLite has no row locks and needs none: a write is alone there.
    let find = || Entity::find().lock(LockType::Update);
    if let Some(row) = tx.one(find()).await? {
        return Ok(row.enabled);
    }
    let first = ActiveModel { tenant_id: Set(tx.tenant().uuid()), enabled: Set(true) };
    tx.insert_new(vec![first], OnConflict::column(Column::TenantId).do_nothing().to_owned()).await?;
    tx.get("assignment settings", find()).await.map(|row| row.enabled)
}

/// Switches it on or off; the turn has been taken.
pub(crate) async fn set_enabled(tx: &Tx, enabled: bool) -> Result<()> {
    let change = ActiveModel { enabled: Set(enabled), ..ActiveModel::default() };
    tx.update(Entity::update_many().set(change)).await.map(|_| ())
}
