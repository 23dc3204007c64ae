use std::collections::{BTreeSet, HashMap};

use chrono::TimeDelta;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;
use weft_domain::{Error, Result, id};
use weft_proto::{convert::timestamp, directory::v1::Team, events::v1::TeamUpdated};
use weft_store::Tx;

use super::entity::{
    team::{Column, Entity},
    team_member::{ActiveModel as NewMember, Column as Member, Entity as Members},
};

pub(crate) use super::entity::team::Model;

/// A name as it is compared.
pub(crate) fn folded(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

pub(crate) async fn insert(tx: &Tx, row: &Model) -> Result<()> {
    let values = row.clone().into_active_model().reset_all();
    tx.insert_all(vec![values]).await.map_err(name_taken)
}

pub(crate) async fn get(tx: &Tx, team: Uuid) -> Result<Model> {
    tx.get("team", Entity::find().filter(Column::Id.eq(team))).await
}

/// Like [`get`], and nobody else changes the team or its members until the transaction ends.
pub(crate) async fn get_locked(tx: &Tx, team: Uuid) -> Result<Model> {
    tx.get("team", Entity::find().filter(Column::Id.eq(team)).lock_exclusive()).await
}

pub(crate) async fn count(tx: &Tx) -> Result<u64> {
    tx.count(Entity::find()).await
}

/// Some teams by their names, after one.
pub(crate) async fn page(tx: &Tx, after: Option<(String, Uuid)>, limit: u64) -> Result<Vec<Model>> {
    let mut select = Entity::find().order_by_asc(Column::NameFolded).order_by_asc(Column::Id).limit(limit);
    if let Some((name, id)) = after {
        let key = Expr::tuple([Expr::col(Column::NameFolded), Expr::col(Column::Id)]);
        select = select.filter(key.gt(Expr::tuple([Expr::value(name), Expr::value(id)])));
    }
    tx.all(select).await
}

/// The members of teams, by team, those who came to the tenant first first.
pub(crate) async fn members(tx: &Tx, teams: Vec<Uuid>) -> Result<HashMap<Uuid, Vec<Uuid>>> {
    let select = Members::find().filter(tx.is_any_of(Member::TeamId, teams)).order_by_asc(Member::UserId);
    let mut all: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    for row in tx.all(select).await? {
        all.entry(row.team_id).or_default().push(row.user_id);
    }
    Ok(all)
}

/// Makes people members; it answers whether any of them was not.
pub(crate) async fn add(tx: &Tx, team: Uuid, users: &BTreeSet<Uuid>) -> Result<bool> {
    let row = |user: &Uuid| NewMember {
        tenant_id: sea_orm::ActiveValue::Set(tx.tenant().uuid()),
        team_id: sea_orm::ActiveValue::Set(team),
        user_id: sea_orm::ActiveValue::Set(*user),
    };
    let rows = users.iter().map(row).collect();
    let added = tx.insert_new(rows, OnConflict::new().do_nothing().to_owned()).await?;
    Ok(!added.is_empty())
}

/// Somebody is a member no longer; it answers whether they were.
pub(crate) async fn remove(tx: &Tx, team: Uuid, user: Uuid) -> Result<bool> {
    let gone = Members::delete_many().filter(Member::TeamId.eq(team)).filter(Member::UserId.eq(user));
    Ok(tx.delete(gone).await? > 0)
}

/// Stores a team that was changed, or whose members were, and tells of it.
pub(crate) async fn change(tx: &Tx, mut row: Model) -> Result<Team> {
    row.next(tx);
    let values = row.clone().into_active_model().reset_all();
    let update = Entity::update_many().set(values).filter(Column::Id.eq(row.id));
    tx.update(update).await.map_err(name_taken)?;
    tell(tx, &row, false).await
}

/// Deletes a team, and tells of it as it was.
pub(crate) async fn delete(tx: &Tx, mut row: Model) -> Result<()> {
    row.next(tx);
    tell(tx, &row, true).await?;
    tx.delete(Members::delete_many().filter(Member::TeamId.eq(row.id))).await?;
    tx.delete(Entity::delete_many().filter(Column::Id.eq(row.id))).await.map(drop)
}

/// Tells everybody what a team is now, or that it is gone.
pub(crate) async fn tell(tx: &Tx, row: &Model, removed: bool) -> Result<Team> {
    let shown = shown(tx, row).await?;
    tx.emit_event(&shown.id, &TeamUpdated { team: Some(shown.clone()), removed })?;
    Ok(shown)
}

/// A team with its members.
pub(crate) async fn shown(tx: &Tx, row: &Model) -> Result<Team> {
    let mut members = members(tx, vec![row.id]).await?;
    Ok(row.shown(&members.remove(&row.id).unwrap_or_default()))
}

fn name_taken(error: Error) -> Error {
    match error.reason() {
        "already_exists" => Error::conflict("team_name_taken", "another team of this tenant has this name")
            .with_field("name")
            .with_source(error),
        _ => error,
    }
}

impl Model {
    pub(crate) fn shown(&self, members: &[Uuid]) -> Team {
        Team {
            id: id::from_uuid::<id::Team>(self.id).to_string(),
            name: self.name.clone(),
            description: self.description.clone(),
            members: members.iter().map(|user| id::from_uuid::<id::User>(*user).to_string()).collect(),
            created_at: Some(timestamp(self.created_at)),
            updated_at: Some(timestamp(self.updated_at)),
        }
    }

    /// Later than it was, also when another replica's clock is ahead.
    fn next(&mut self, tx: &Tx) {
        self.updated_at = std::cmp::max(tx.now(), self.updated_at + TimeDelta::microseconds(1));
    }
}
