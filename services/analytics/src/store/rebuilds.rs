//! The last rebuild of each tenant.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, ExprTrait, FromQueryResult, IntoActiveModel, QueryFilter,
    UpdateMany, sea_query::Expr,
};
use uuid::Uuid;
use weft_domain::{Error, Result, TenantId, id};
use weft_store::{SystemTx, Tx};

use super::entity::rebuild::{Column, Entity, Model};

/// It goes on.
pub(crate) const RUNNING: &str = "running";
/// It is what is shown now.
pub(crate) const DONE: &str = "done";
/// It came to nothing.
pub(crate) const FAILED: &str = "failed";

/// How long a worker that says nothing is believed to be at it.
const LEASE: TimeDelta = TimeDelta::seconds(30);

/// The last rebuild, if there was one.
pub(crate) async fn last(tx: &Tx) -> Result<Option<Model>> {
    tx.one(Entity::find()).await
}

/// Notes a rebuild in place of the last one.
pub(crate) async fn put(tx: &Tx, row: Model) -> Result<()> {
    tx.save_all(vec![row.into_active_model().reset_all()]).await
}

#[derive(FromQueryResult)]
struct Owner {
    tenant_id: Uuid,
}

/// The tenants whose rebuild runs and has nobody who works at it.
pub(crate) async fn abandoned(system: &SystemTx, now: DateTime<Utc>) -> Result<Vec<TenantId>> {
    let sql = "SELECT tenant_id FROM rebuild WHERE state = 'running' AND lease_until <= $1";
    let owners: Vec<Owner> = system.query(sql, vec![now.into()]).await?;
    Ok(owners.into_iter().map(|owner| id::from_uuid(owner.tenant_id)).collect())
}

/// The tenants that have rows of computations that are not shown.
pub(crate) async fn untidied(system: &SystemTx, ended_before: DateTime<Utc>) -> Result<Vec<TenantId>> {
    let sql = "SELECT tenant_id FROM rebuild WHERE state <> 'running' AND NOT tidied AND ended_at < $1";
    let owners: Vec<Owner> = system.query(sql, vec![ended_before.into()]).await?;
    Ok(owners.into_iter().map(|owner| id::from_uuid(owner.tenant_id)).collect())
}

/// Begins to work at it, unless somebody else does.
pub(crate) async fn claim(tx: &Tx, owner: Uuid) -> Result<Option<Model>> {
    let update = Entity::update_many()
        .col_expr(Column::Owner, Expr::value(owner))
        .col_expr(Column::LeaseUntil, Expr::value(tx.now() + LEASE))
        .filter(Column::State.eq(RUNNING))
        .filter(Column::LeaseUntil.lte(tx.now()));
    Ok(tx.update_returning(update).await?.pop())
}

/// Notes how far it is; fails when somebody else works at it, so that nothing is done twice.
pub(crate) async fn advance(tx: &Tx, owner: Uuid, to: (u64, u64), events: usize) -> Result<()> {
    let (cursor, head) = to;
    let update = mine(owner)
        .col_expr(Column::Cursor, Expr::value(signed(cursor)))
        .col_expr(Column::ToCursor, Expr::value(signed(Ord::max(head, cursor))))
        .col_expr(Column::Events, Expr::col(Column::Events).add(i64::try_from(events).unwrap_or_default()))
        .col_expr(Column::LeaseUntil, Expr::value(tx.now() + LEASE));
    own(tx, update).await
}

/// Notes that older figures were taken over up to this slot.
pub(crate) async fn seeded(tx: &Tx, owner: Uuid, since: i64) -> Result<()> {
    own(tx, mine(owner).col_expr(Column::Since, Expr::value(since))).await
}

/// Still at it.
pub(crate) async fn renew(tx: &Tx, owner: Uuid) -> Result<()> {
    own(tx, mine(owner).col_expr(Column::LeaseUntil, Expr::value(tx.now() + LEASE))).await
}

/// Ends it.
pub(crate) async fn end(tx: &Tx, owner: Uuid, state: &str, reason: Option<&str>) -> Result<()> {
    let update = mine(owner)
        .col_expr(Column::State, Expr::value(state))
        .col_expr(Column::Reason, Expr::value(reason.map(str::to_owned)))
        .col_expr(Column::EndedAt, Expr::value(tx.now()));
    own(tx, update).await
}

/// Lets go of it: after a pause another worker, or this one, goes on.
pub(crate) async fn release(tx: &Tx, owner: Uuid, pause: TimeDelta) -> Result<()> {
    tx.update(mine(owner).col_expr(Column::LeaseUntil, Expr::value(tx.now() + pause))).await.map(|_| ())
}

/// What it replaced is gone.
pub(crate) async fn tidied(tx: &Tx, id: Uuid) -> Result<()> {
    let update = Entity::update_many().col_expr(Column::Tidied, Expr::value(true)).filter(Column::Id.eq(id));
    tx.update(update).await.map(|_| ())
}

fn mine(owner: Uuid) -> UpdateMany<Entity> {
    Entity::update_many().filter(Column::State.eq(RUNNING)).filter(Column::Owner.eq(owner))
}

async fn own(tx: &Tx, update: UpdateMany<Entity>) -> Result<()> {
    match tx.update(update).await? {
        0 => Err(Error::conflict("busy", "somebody else has taken over this rebuild")),
        _ => Ok(()),
    }
}

pub(crate) fn signed(cursor: u64) -> i64 {
    i64::try_from(cursor).unwrap_or(i64::MAX)
}
