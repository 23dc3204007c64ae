//! Conversations as events tell of them.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, sea_query::Expr,
};
use uuid::Uuid;
use weft_domain::{Result, conversation::Status};
use weft_store::Tx;

pub(crate) use super::entity::conversation::Model;
use super::{
    due,
    entity::conversation::{Column, Entity},
};

/// Conversations that wait. Words of an index, so that both databases see that it fits.
pub(crate) const WAITING: &str = "waiting";
/// The conversations of these ids that are known.
pub(crate) async fn of_ids(tx: &Tx, ids: Vec<Uuid>) -> Result<Vec<Model>> {
    tx.all(Entity::find().filter(tx.is_any_of(Column::Id, ids))).await
}

/// Those that wait, the longest first.
pub(crate) async fn waiting(tx: &Tx, most: u64) -> Result<Vec<Model>> {
    let find = Entity::find()
        .filter(Expr::cust(WAITING))
        .order_by_asc(Column::Since)
        .order_by_asc(Column::Id)
        .limit(most);
    tx.all(find).await
}

/// Those that were decided for somebody and not yet carried out.
pub(crate) async fn chosen_for(tx: &Tx, user: Uuid) -> Result<Vec<Model>> {
    tx.all(Entity::find().filter(Expr::cust(due::WAITS)).filter(Column::Chosen.eq(user))).await
}

/// Takes those of these decisions that are still due: until `lease` nobody else carries them out.
pub(crate) async fn claim(tx: &Tx, ids: Vec<Uuid>, lease: DateTime<Utc>) -> Result<Vec<Model>> {
    let update = Entity::update_many()
        .col_expr(Column::DueAt, Expr::value(lease))
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .filter(tx.is_any_of(Column::Id, ids))
        .filter(Column::Chosen.is_not_null())
        .filter(Column::DueAt.lte(tx.now()));
    tx.update_returning(update).await
}

/// Writes rows as they are in memory; the tenant's turn has been taken.
pub(crate) async fn save(tx: &Tx, rows: Vec<Model>) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    tx.save_all(rows.into_iter().map(|row| row.into_active_model().reset_all()).collect()).await
}

/// Forgets those that are done and have not changed since `before`.
pub(crate) async fn forget_done(tx: &Tx, before: DateTime<Utc>) -> Result<u64> {
    let done = [Status::Resolved, Status::Closed].map(|status| status.to_string());
    let delete =
        Entity::delete_many().filter(Column::Status.is_in(done)).filter(Column::ChangedAt.lt(before));
    tx.delete(delete).await
}
