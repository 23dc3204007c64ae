//! Bytes that something is still to be done with.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};
use weft_domain::Result;
use weft_store::{SystemTx, Tx};

use super::{
    blob::{Model, State},
    entity::blob::{Column, Entity},
};

/// What is due, of all tenants.
pub(crate) async fn due(system: &SystemTx, now: DateTime<Utc>, most: u64) -> Result<Vec<Model>> {
    system.all(Entity::find().filter(Column::DueAt.lte(now)).order_by_asc(Column::DueAt).limit(most)).await
}

/// Takes what is due for itself until then; none when somebody else was first.
pub(crate) async fn claim(tx: &Tx, sha256: &str, until: DateTime<Utc>) -> Result<Option<Model>> {
    let claim = Entity::update_many()
        .col_expr(Column::DueAt, Expr::value(until))
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .filter(Column::Sha256.eq(sha256))
        .filter(Column::DueAt.lte(tx.now()));
    Ok(tx.update_returning(claim).await?.pop())
}

/// Says when it is to be tried again; none: never.
pub(crate) async fn again_at(tx: &Tx, sha256: &str, at: Option<DateTime<Utc>>) -> Result<()> {
    let later =
        Entity::update_many().col_expr(Column::DueAt, Expr::value(at)).filter(Column::Sha256.eq(sha256));
    tx.update(later).await.map(drop)
}

/// Notes what was found in bytes that nobody had looked into; what is left to be done begins anew.
pub(crate) async fn judged(
    tx: &Tx,
    sha256: &str,
    state: State,
    found: Option<&str>,
    due_at: Option<DateTime<Utc>>,
) -> Result<()> {
    let judged = Entity::update_many()
        .col_expr(Column::State, Expr::value(state.word()))
        .col_expr(Column::Found, Expr::value(found))
        .col_expr(Column::Attempts, Expr::value(1))
        .col_expr(Column::DueAt, Expr::value(due_at))
        .filter(Column::Sha256.eq(sha256))
        .filter(Column::State.eq(State::Received.word()));
    tx.update(judged).await.map(drop)
}

/// Notes how large the picture is and that nothing is left to be done; false when the bytes are gone.
pub(crate) async fn done(tx: &Tx, sha256: &str, size: Option<(u32, u32)>) -> Result<bool> {
    let pixels = |side: u32| i32::try_from(side).ok();
    let done = Entity::update_many()
        .col_expr(Column::DueAt, Expr::value(None::<DateTime<Utc>>))
        .col_expr(Column::Width, Expr::value(size.and_then(|(width, _)| pixels(width))))
        .col_expr(Column::Height, Expr::value(size.and_then(|(_, height)| pixels(height))))
        .filter(Column::Sha256.eq(sha256));
    Ok(tx.update(done).await? > 0)
}
