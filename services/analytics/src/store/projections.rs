//! Which computation of the figures counts.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set,
    EntityTrait, ExprTrait,
    sea_query::{Expr, OnConflict},
};
use weft_domain::{Error, Result};
use weft_store::Tx;

use super::entity::projection::{ActiveModel, Column, Entity, Model};

/// The computation a tenant begins with.
const FIRST: i64 = 1;

/// The computation that is shown.
pub(crate) async fn generation(tx: &Tx) -> Result<i64> {
    Ok(tx.one(Entity::find()).await?.map_or(FIRST, |row| row.generation))
}

/// Takes the tenant's turn to count a batch: until the transaction ends nobody else does, and nobody switches.
pub(crate) async fn advance(tx: &Tx) -> Result<Model> {
    take(tx, Expr::col(Column::Applied).add(1), Expr::col(Column::HeldUntil)).await
}

/// Holds events back until then, and gives back how far counting is.
pub(crate) async fn hold(tx: &Tx, until: DateTime<Utc>) -> Result<Model> {
    take(tx, Expr::col(Column::Applied), Expr::value(until)).await
}

/// Shows another computation from now on, unless a batch was counted since. Says whether it does.
pub(crate) async fn switch(tx: &Tx, generation: i64, applied: i64) -> Result<bool> {
    let now = take(tx, Expr::col(Column::Applied), Expr::value(None::<DateTime<Utc>>)).await?;
    if now.applied != applied {
        return Ok(false);
    }
    let update = Entity::update_many().col_expr(Column::Generation, Expr::value(generation));
    tx.update(update).await.map(|rows| rows == 1)
}

async fn take(tx: &Tx, applied: Expr, held_until: Expr) -> Result<Model> {
    let update = || {
        Entity::update_many()
            .col_expr(Column::Applied, applied.clone())
            .col_expr(Column::HeldUntil, held_until.clone())
    };
    if let Some(row) = tx.update_returning(update()).await?.pop() {
        return Ok(row);
    }
    let first = ActiveModel {
        tenant_id: Set(tx.tenant().uuid()),
        generation: Set(FIRST),
        applied: Set(0),
        held_until: Set(None),
    };
    tx.insert_new(vec![first], OnConflict::column(Column::TenantId).do_nothing().to_owned()).await?;
    let row = tx.update_returning(update()).await?.pop();
    row.ok_or_else(|| Error::internal("the projection's row is gone"))
}
