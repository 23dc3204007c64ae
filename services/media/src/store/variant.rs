//! Smaller pictures of what files show.

use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel as _, QueryFilter,
    sea_query::OnConflict,
};
use uuid::Uuid;
use weft_domain::Result;
use weft_store::Tx;

use super::entity::variant::{ActiveModel, Column, Entity};

pub(crate) use super::entity::variant::Model;

/// Those of the bytes with this hash.
pub(crate) async fn of(tx: &Tx, sha256: &str) -> Result<Vec<Model>> {
    tx.all(Entity::find().filter(Column::Sha256.eq(sha256))).await
}

/// Those of these locations at which one lies.
pub(crate) async fn at(tx: &Tx, locations: Vec<Uuid>) -> Result<Vec<Uuid>> {
    let rows = tx.all(Entity::find().filter(tx.is_any_of(Column::Location, locations))).await?;
    Ok(rows.into_iter().map(|row| row.location).collect())
}

/// Adds those that are not there yet, and gives them back.
pub(crate) async fn add(tx: &Tx, rows: &[Model]) -> Result<Vec<Model>> {
    let row = |row: &Model| ActiveModel {
        tenant_id: Set(tx.tenant().uuid()),
        ..row.clone().into_active_model().reset_all()
    };
    let known = OnConflict::columns([Column::TenantId, Column::Sha256, Column::Name]).do_nothing().to_owned();
    tx.insert_new(rows.iter().map(row).collect(), known).await
}

/// Removes those of the bytes with this hash, and says how much they took.
pub(crate) async fn remove_all(tx: &Tx, sha256: &str) -> Result<i64> {
    let bytes = of(tx, sha256).await?.iter().map(|row| row.size).sum();
    tx.delete(Entity::delete_many().filter(Column::Sha256.eq(sha256))).await?;
    Ok(bytes)
}
