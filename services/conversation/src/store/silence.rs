//! Conversations in which nobody writes any more.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, ExprTrait, LockType, OnConflict},
};
use uuid::Uuid;
use weft_domain::Result;
use weft_store::{Purpose, Store, Tx};

use super::entity::{
    conversation,
    silence_settings::{Column, Entity, Model},
};

/// What may be resolved when it is silent; words of an index, so that both databases see that it fits.
pub(crate) const UNRESOLVED: &str = "waiting_since IS NULL AND status IN ('open', 'pending')";
/// What may be archived when it is silent; words of an index, too.
pub(crate) const UNARCHIVED: &str = "archived_at IS NULL AND status IN ('resolved', 'closed')";
/// Tenants that want something to become of them; words of an index, too.
pub(crate) const LOOKED_AT: &str =
    "(remind_after_hours > 0 OR resolve_after_hours > 0 OR archive_after_hours > 0)";
/// So many tenants are looked at in one go.
const TENANTS_AT_ONCE: u64 = 100;

/// A tenant whose silent conversations are looked for.
#[derive(FromQueryResult)]
pub(crate) struct Owner {
    /// The tenant.
    pub(crate) tenant_id: Uuid,
}

/// What was set, or how it is without.
pub(crate) async fn get(tx: &Tx) -> Result<Model> {
    Ok(tx.one(Entity::find()).await?.unwrap_or_default())
}

/// The same, its turn taken.
pub(crate) async fn take(tx: &Tx) -> Result<Model> {
    let first = Model { tenant_id: tx.tenant().uuid(), look_at: tx.now(), ..Model::default() };
    let mut known = OnConflict::column(Column::TenantId);
    tx.insert_new(vec![first.into_active_model().reset_all()], known.do_nothing().to_owned()).await?;
    tx.get("silence settings", Entity::find().lock(LockType::Update)).await
}

/// Keeps the settings, and has somebody look at once.
pub(crate) async fn put(tx: &Tx, row: &Model) -> Result<()> {
    let row = Model { tenant_id: tx.tenant().uuid(), look_at: tx.now(), ..row.clone() };
    tx.save_all(vec![row.into_active_model().reset_all()]).await
}

/// Tenants that are to be looked at by now.
pub(crate) async fn due(store: &Store) -> Result<Vec<Owner>> {
    let sql = format!(
        "SELECT tenant_id FROM silence_settings WHERE {LOOKED_AT} AND look_at <= $1 ORDER BY look_at LIMIT {TENANTS_AT_ONCE}"
    );
    let now = store.clock().now();
    store.system(Purpose::FindLapsed).await?.query(&sql, vec![now.into()]).await
}

/// Takes the next look, unless another replica was faster; it is looked again then.
pub(crate) async fn take_look(tx: &Tx, again: DateTime<Utc>) -> Result<Option<Model>> {
    let row = tx.one(Entity::find().lock(LockType::Update)).await?;
    let Some(row) = row.filter(|row| row.look_at <= tx.now()) else { return Ok(None) };
    let next = Model { look_at: again, ..row.clone() };
    tx.save_all(vec![next.into_active_model().reset_all()]).await?;
    Ok(Some(row))
}

/// Has the next look be at once.
pub(crate) async fn look_again(tx: &Tx) -> Result<()> {
    let now = Entity::update_many().col_expr(Column::LookAt, Expr::value(tx.now()));
    tx.update(now).await.map(drop)
}

/// Notes until when everybody who was silent was reminded.
pub(crate) async fn note_reminded(tx: &Tx, until: DateTime<Utc>) -> Result<()> {
    let note = Entity::update_many().col_expr(Column::RemindedUntil, Expr::value(until));
    tx.update(note).await.map(drop)
}

/// By what conversations are silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// When somebody last wrote.
    Words,
    /// When they last changed at all.
    Changes,
}

/// Conversations like that in which nothing has happened since `until`, the most silent first: those that come after that one.
pub(crate) async fn silent(
    tx: &Tx,
    like: &str,
    by: By,
    after: (DateTime<Utc>, Uuid),
    until: DateTime<Utc>,
    most: u64,
) -> Result<Vec<conversation::Model>> {
    use conversation::Column;
    let at = match by {
        By::Words => Column::ActiveAt,
        By::Changes => Column::UpdatedAt,
    };
    let place = Expr::tuple([Expr::col(at), Expr::col(Column::Id)]);
    let find = conversation::Entity::find()
        .filter(Expr::cust(like.to_owned()))
        .filter(at.lte(until))
        .filter(place.gt(Expr::tuple([Expr::value(after.0), Expr::value(after.1)])))
        .order_by_asc(at)
        .order_by_asc(Column::Id)
        .limit(most);
    tx.all(find).await
}

/// Hours as a time.
pub(crate) fn hours(hours: i32) -> Option<TimeDelta> {
    Some(TimeDelta::hours(hours.into())).filter(|_| hours > 0)
}
