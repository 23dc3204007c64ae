//! Conversations in which nobody writes any more.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, ExprTrait, LockType, OnConflict},
};
use uuid::Uuid;
use weft_domain::{
    Result,
    conversation::{AuthorKind, Direction},
    delivery::State,
};
use weft_store::{Purpose, Store, Tx};

use super::entity::{
    conversation, message,
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

/// Where one stands among others: when something happened in it last, and which it is.
pub(crate) type Place = (DateTime<Utc>, Uuid);

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

/// Keeps the settings, and has somebody look at once and from the beginning.
pub(crate) async fn put(tx: &Tx, row: &Model) -> Result<()> {
    let row = Model {
        tenant_id: tx.tenant().uuid(),
        resolved_until: None,
        resolved_until_id: None,
        archived_until: None,
        archived_until_id: None,
        look_at: tx.now(),
        ..row.clone()
    };
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

/// Notes after which of those that may be resolved a look goes on; none: it came to the last.
pub(crate) async fn note_resolved(tx: &Tx, place: Option<Place>) -> Result<()> {
    note_place(tx, (Column::ResolvedUntil, Column::ResolvedUntilId), place).await
}

/// Notes after which of those that may be archived a look goes on; none: it came to the last.
pub(crate) async fn note_archived(tx: &Tx, place: Option<Place>) -> Result<()> {
    note_place(tx, (Column::ArchivedUntil, Column::ArchivedUntilId), place).await
}

async fn note_place(tx: &Tx, (at, id): (Column, Column), place: Option<Place>) -> Result<()> {
    let (then, which) = place.unzip();
    let note = Entity::update_many().col_expr(at, Expr::value(then)).col_expr(id, Expr::value(which));
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
    after: Place,
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

/// What was said last in a conversation.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Last {
    conversation_id: Uuid,
    author_kind: String,
    direction: String,
    state: String,
    deleted_at: Option<DateTime<Utc>>,
}

impl Last {
    /// Whether a person of ours wrote it, and the contact has it: what goes by itself asks for nothing.
    pub(crate) fn waits_for_an_answer(&self) -> bool {
        self.author_kind == AuthorKind::Agent.to_string()
            && self.direction == Direction::Outbound.to_string()
            && self.deleted_at.is_none()
            && self.has_arrived()
    }

    /// Whether it came from the contact or went to them: who got no answer still waits for one.
    pub(crate) fn has_arrived(&self) -> bool {
        let gone = [State::Received, State::Sent, State::Delivered, State::Read];
        gone.iter().any(|state| self.state == state.to_string())
    }
}

impl From<message::Model> for Last {
    fn from(row: message::Model) -> Self {
        Self {
            conversation_id: row.conversation_id,
            author_kind: row.author_kind,
            direction: row.direction,
            state: row.state,
            deleted_at: row.deleted_at,
        }
    }
}

/// What [`newest_said`](super::messages::newest_said) says of each of these conversations, with one query.
pub(crate) async fn last_said(tx: &Tx, of: &[Uuid], by_itself: bool) -> Result<HashMap<Uuid, Last>> {
    if of.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<String> = (0..of.len()).map(|n| format!("${}", n + 2)).collect();
    let by =
        if by_itself { String::new() } else { format!(" AND n.author_kind <> '{}'", AuthorKind::System) };
    let sql = format!(
        "SELECT m.conversation_id, m.author_kind, m.direction, m.state, m.deleted_at FROM conversation c \
         JOIN message m ON m.tenant_id = c.tenant_id AND m.conversation_id = c.id AND m.seq = \
         (SELECT n.seq FROM message n WHERE n.tenant_id = c.tenant_id AND n.conversation_id = c.id \
         AND n.direction <> '{}'{by} ORDER BY n.seq DESC LIMIT 1) \
         WHERE c.tenant_id = $1 AND c.id IN ({})",
        Direction::Internal,
        ids.join(", ")
    );
    let found: Vec<Last> = tx.query(&sql, of.iter().map(|id| (*id).into()).collect()).await?;
    Ok(found.into_iter().map(|last| (last.conversation_id, last)).collect())
}

/// Hours as a time.
pub(crate) fn hours(hours: i32) -> Option<TimeDelta> {
    Some(TimeDelta::hours(hours.into())).filter(|_| hours > 0)
}
