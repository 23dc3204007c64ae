//! What was said by itself, and what is to be.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, sea_query::Expr,
};
use uuid::Uuid;
use weft_domain::Result;
use weft_store::Tx;

pub(crate) use super::entity::auto_answer::Model;
use super::entity::auto_answer::{Column, Entity};

/// What was said in these conversations.
pub(crate) async fn in_conversations(tx: &Tx, ids: Vec<Uuid>) -> Result<Vec<Model>> {
    tx.all(Entity::find().filter(tx.is_any_of(Column::ConversationId, ids))).await
}

/// Takes those of these decisions that are still due: until `lease` nobody else tells of them.
pub(crate) async fn claim(tx: &Tx, ids: Vec<Uuid>, lease: DateTime<Utc>) -> Result<Vec<Model>> {
    let update = Entity::update_many()
        .col_expr(Column::DueAt, Expr::value(lease))
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .filter(tx.is_any_of(Column::Id, ids))
        .filter(Column::DueAt.lte(tx.now()));
    tx.update_returning(update).await
}

/// What became of telling a decision.
pub(crate) enum Told {
    /// It was said.
    Said,
    /// It is not said, and will not be.
    Refused,
    /// It could not be told; it is told again then.
    Again(DateTime<Utc>),
}

/// Notes what became of decisions as they were claimed: one that was claimed anew meanwhile is another replica's.
pub(crate) async fn settle(tx: &Tx, told: &[(Model, Told)]) -> Result<()> {
    for (claimed, told) in told {
        let mut update = Entity::update_many();
        update = match told {
            Told::Said => update
                .col_expr(Column::DueAt, Expr::value(None::<DateTime<Utc>>))
                .col_expr(Column::SaidAt, Expr::value(tx.now())),
            Told::Refused => update.col_expr(Column::DueAt, Expr::value(None::<DateTime<Utc>>)),
            Told::Again(at) => update.col_expr(Column::DueAt, Expr::value(*at)),
        };
        let same = update.filter(Column::Id.eq(claimed.id)).filter(Column::Attempts.eq(claimed.attempts));
        tx.update(same).await?;
    }
    Ok(())
}

/// Writes decisions as they are in memory.
pub(crate) async fn save(tx: &Tx, rows: Vec<Model>) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    tx.save_all(rows.into_iter().map(|row| row.into_active_model().reset_all()).collect()).await
}

/// Forgets what was told and decided before then.
pub(crate) async fn forget(tx: &Tx, before: DateTime<Utc>) -> Result<u64> {
    let old = Entity::delete_many().filter(Column::DecidedAt.lt(before)).filter(Column::DueAt.is_null());
    tx.delete(old).await
}
