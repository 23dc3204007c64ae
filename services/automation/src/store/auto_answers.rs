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

/// What is not to be told any more; words of an index, so that both databases see that it fits.
pub(crate) const DONE: &str = "due_at IS NULL";

/// The id of a decision: whoever decides on the same message decides the same, which is carried out once.
pub(crate) fn decision_id(tenant: Uuid, conversation: Uuid, seq: i64) -> Uuid {
    let seq = seq.to_be_bytes();
    Uuid::new_v5(&tenant, &[conversation.as_bytes().as_slice(), seq.as_slice()].concat())
}

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
    /// It is not said to that message; the next one may be answered.
    Passed,
    /// It is not said, nor would it be to the next message.
    Refused,
    /// It could not be told; it is told again then.
    Again(DateTime<Utc>),
}

/// Notes what became of decisions as they were claimed: one that was claimed anew meanwhile is another replica's.
pub(crate) async fn settle(tx: &Tx, told: &[(Model, Told)]) -> Result<()> {
    for (claimed, told) in told {
        let due_at = if let Told::Again(at) = told { Some(*at) } else { None };
        let mut update = Entity::update_many().col_expr(Column::DueAt, Expr::value(due_at));
        update = match told {
            Told::Said => update.col_expr(Column::SaidAt, Expr::value(tx.now())),
            Told::Refused => update.col_expr(Column::RefusedAt, Expr::value(tx.now())),
            Told::Passed | Told::Again(_) => update,
        };
        let same = update.filter(Column::Id.eq(claimed.id)).filter(Column::Attempts.eq(claimed.attempts));
        let settled = tx.update_returning(same).await?;
        if matches!(told, Told::Passed) {
            for row in settled {
                turn_to_newer(tx, row).await?;
            }
        }
    }
    Ok(())
}

/// Has the newest message be answered instead of one that is not. It is another decision: the one before may have been carried
/// out for all we know.
async fn turn_to_newer(tx: &Tx, row: Model) -> Result<()> {
    let (Some(seq), Some(decided_at)) = (row.newer_seq, row.newer_at) else { return Ok(()) };
    let id = decision_id(row.tenant_id, row.conversation_id, seq);
    // one message is answered by one reply
    if tx.one(Entity::find().filter(Column::Id.eq(id))).await?.is_some() {
        return Ok(());
    }
    let due_at = Some(tx.now());
    let newer = Model { id, seq, decided_at, due_at, attempts: 0, newer_seq: None, newer_at: None, ..row };
    save(tx, vec![newer]).await
}

/// Notes the newest message that was written while this is still to be said; false: it was told meanwhile.
pub(crate) async fn note_newer(tx: &Tx, row: &Model) -> Result<bool> {
    let update = Entity::update_many()
        .col_expr(Column::NewerSeq, Expr::value(row.newer_seq))
        .col_expr(Column::NewerAt, Expr::value(row.newer_at))
        .filter(Column::Id.eq(row.id))
        .filter(Column::DueAt.is_not_null());
    Ok(tx.update(update).await? > 0)
}

/// Writes decisions as they are in memory.
pub(crate) async fn save(tx: &Tx, rows: Vec<Model>) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    tx.save_all(rows.into_iter().map(|row| row.into_active_model().reset_all()).collect()).await
}

/// Forgets those of these that were told and decided before then.
pub(crate) async fn forget(tx: &Tx, ids: Vec<Uuid>, before: DateTime<Utc>) -> Result<()> {
    let old = Entity::delete_many()
        .filter(tx.is_any_of(Column::Id, ids))
        .filter(Column::DecidedAt.lt(before))
        .filter(Column::DueAt.is_null());
    tx.delete(old).await.map(drop)
}
