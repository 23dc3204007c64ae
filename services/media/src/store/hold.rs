//! What needs which files.

use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::OnConflict,
};
use uuid::Uuid;
use weft_domain::Result;
use weft_store::Tx;

use super::entity::hold::{ActiveModel, Column, Entity};

/// Notes that `holder` needs these files.
pub(crate) async fn add(tx: &Tx, files: &[Uuid], holder: &str) -> Result<()> {
    let row =
        |file: &Uuid| ActiveModel { tenant_id: NotSet, file_id: Set(*file), holder: Set(holder.to_owned()) };
    let known =
        OnConflict::columns([Column::TenantId, Column::FileId, Column::Holder]).do_nothing().to_owned();
    tx.insert_new(files.iter().map(row).collect(), known).await.map(drop)
}

/// The files that `holder` needs.
pub(crate) async fn of(tx: &Tx, holder: &str) -> Result<Vec<Uuid>> {
    let rows = tx.all(Entity::find().filter(Column::Holder.eq(holder))).await?;
    Ok(rows.into_iter().map(|row| row.file_id).collect())
}

/// Whether anything needs this file.
pub(crate) async fn any(tx: &Tx, file: Uuid) -> Result<bool> {
    Ok(tx.one(Entity::find().filter(Column::FileId.eq(file)).limit(1)).await?.is_some())
}

/// Notes that `holder` needs this file no longer.
pub(crate) async fn remove(tx: &Tx, file: Uuid, holder: &str) -> Result<()> {
    let mine = Entity::delete_many().filter(Column::FileId.eq(file)).filter(Column::Holder.eq(holder));
    tx.delete(mine).await.map(drop)
}
