//! What the directory says of teams, and who is in them.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, LockType, OnConflict, Query, SimpleExpr},
};
use uuid::Uuid;
use weft_domain::Result;
use weft_store::Tx;

use super::entity::{
    conversation,
    team::{Column, Entity, Model},
    team_member,
};

/// Teams that are gone and that something may still be with. Words of an index, so that both databases see that it fits.
pub(crate) const LEFT: &str = "removed AND NOT cleared";

/// Notes what a team is, and who is in it, unless the same or something later is known.
pub(crate) async fn put(tx: &Tx, told: Model, members: &HashSet<Uuid>) -> Result<()> {
    use team_member::{Column as Member, Entity as Members};
    // a row to lock is there first: two replicas that meet a new team wait for each other
    let first = Model { removed: false, updated_at: DateTime::<Utc>::UNIX_EPOCH, ..told.clone() };
    let row = first.into_active_model().reset_all();
    tx.insert_new(vec![row], OnConflict::new().do_nothing().to_owned()).await?;
    let known = tx.one(Entity::find().filter(Column::Id.eq(told.id)).lock(LockType::Update)).await?;
    if known.is_some_and(|known| known.updated_at >= told.updated_at) {
        return Ok(());
    }
    tx.save_all(vec![told.clone().into_active_model().reset_all()]).await?;
    if told.removed {
        // whoever was in it is told what goes with it
        return Ok(());
    }
    let before = members_of(tx, told.id).await?;
    let left = before.difference(members).copied();
    let gone = Members::delete_many().filter(Member::TeamId.eq(told.id));
    tx.delete(gone.filter(tx.is_any_of(Member::UserId, left))).await?;
    let came = members.difference(&before).map(|user| team_member::ActiveModel {
        tenant_id: Set(tx.tenant().uuid()),
        team_id: Set(told.id),
        user_id: Set(*user),
    });
    tx.insert_all(came.collect()).await
}

/// A team that is there; none: it never was, or is gone.
pub(crate) async fn find(tx: &Tx, id: Uuid) -> Result<Option<Model>> {
    tx.one(Entity::find().filter(Column::Id.eq(id)).filter(Column::Removed.eq(false))).await
}

/// The same, and it stays until the transaction ends.
pub(crate) async fn hold(tx: &Tx, id: Uuid) -> Result<Option<Model>> {
    let find = Entity::find().filter(Column::Id.eq(id)).filter(Column::Removed.eq(false));
    tx.one(find.lock(LockType::Share)).await
}

/// Nothing is with a team any more that is gone, and nobody is in it.
pub(crate) async fn note_cleared(tx: &Tx, id: Uuid) -> Result<()> {
    let members = team_member::Entity::delete_many().filter(team_member::Column::TeamId.eq(id));
    tx.delete(members).await?;
    let cleared = Entity::update_many().col_expr(Column::Cleared, Expr::value(true));
    tx.update(cleared.filter(Column::Id.eq(id)).filter(Column::Removed.eq(true))).await.map(drop)
}

/// Who is in a team.
pub(crate) async fn members_of(tx: &Tx, team: Uuid) -> Result<HashSet<Uuid>> {
    let find = team_member::Entity::find().filter(team_member::Column::TeamId.eq(team));
    Ok(tx.all(find).await?.into_iter().map(|row| row.user_id).collect())
}

/// Whether somebody is in a team.
pub(crate) async fn has(tx: &Tx, team: Uuid, user: Uuid) -> Result<bool> {
    let find = team_member::Entity::find()
        .filter(team_member::Column::TeamId.eq(team))
        .filter(team_member::Column::UserId.eq(user));
    Ok(tx.one(find).await?.is_some())
}

/// Of what has a team in a column, that of the teams somebody is in.
pub(crate) fn is_of(tx: &Tx, column: impl ColumnTrait, user: Uuid) -> SimpleExpr {
    use team_member::{Column as Member, Entity as Members};
    let theirs = Query::select()
        .column(Member::TeamId)
        .from(Members)
        .and_where(Expr::col((Members, Member::TenantId)).eq(tx.tenant().uuid()))
        .and_where(Expr::col((Members, Member::UserId)).eq(user))
        .to_owned();
    column.in_subquery(theirs)
}

/// Some of a team's conversations, in the order in which everybody takes turns.
pub(crate) async fn some_conversations(tx: &Tx, team: Uuid, limit: u64) -> Result<Vec<Uuid>> {
    let find = conversation::Entity::find()
        .filter(conversation::Column::Team.eq(team))
        .order_by_asc(conversation::Column::Id)
        .limit(limit);
    Ok(tx.all(find).await?.into_iter().map(|row| row.id).collect())
}
