//! Messages that have been counted.

use std::collections::HashSet;

use sea_orm::{
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;
use weft_domain::Result;
use weft_store::Tx;

use super::entity::message::{Column, Entity, Model};

/// Notes messages, and gives back those that had not been counted.
pub(crate) async fn insert_new(tx: &Tx, rows: Vec<Model>) -> Result<HashSet<Uuid>> {
    let rows = rows.into_iter().map(IntoActiveModel::into_active_model).collect();
    let keys = [Column::TenantId, Column::Generation, Column::Id];
    let new = tx.insert_new(rows, OnConflict::columns(keys).do_nothing().to_owned()).await?;
    Ok(new.into_iter().map(|row| row.id).collect())
}

/// Notes what is told of counted messages, and gives back those of which it had not been.
pub(crate) async fn flag(tx: &Tx, column: Column, rows: &[&Model]) -> Result<HashSet<Uuid>> {
    let Some(first) = rows.first() else { return Ok(HashSet::new()) };
    let update = Entity::update_many()
        .col_expr(column, Expr::value(true))
        .filter(Column::Generation.eq(first.generation))
        .filter(tx.is_any_of(Column::Id, rows.iter().map(|row| row.id)))
        .filter(column.eq(false));
    Ok(tx.update_returning(update).await?.into_iter().map(|row| row.id).collect())
}
