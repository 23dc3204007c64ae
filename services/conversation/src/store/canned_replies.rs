//! Words at hand.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, FromJsonQueryResult, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, LikeExpr, LockType, OnConflict},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use weft_domain::Result;
use weft_store::Tx;

use super::{
    content::StoredAttachment,
    entity::canned_reply::{Column, Entity, Model},
};

/// Files in a column.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub(crate) struct Files(pub(crate) Vec<StoredAttachment>);

/// Which replies are looked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    /// Sorted under this.
    pub(crate) category: Option<String>,
    /// With a shortcut that begins with this, or a name that has it.
    pub(crate) words: Option<String>,
}

/// Whom something is seen by that everybody sees.
pub(crate) const EVERYONE: Uuid = Uuid::nil();

impl Model {
    /// Whether everybody sees it.
    pub(crate) fn is_shared(&self) -> bool {
        self.seen_by == EVERYONE
    }
}

/// One reply, if somebody sees it.
pub(crate) async fn find(tx: &Tx, id: Uuid, user: Uuid) -> Result<Option<Model>> {
    let theirs = tx.is_any_of(Column::SeenBy, [EVERYONE, user]);
    tx.one(Entity::find().filter(Column::Id.eq(id)).filter(theirs)).await
}

/// One reply, its turn taken; none: it is gone.
pub(crate) async fn take(tx: &Tx, id: Uuid) -> Result<Option<Model>> {
    tx.one(Entity::find().filter(Column::Id.eq(id)).lock(LockType::Update)).await
}

/// How many there are for everybody, or of somebody's own.
pub(crate) async fn count(tx: &Tx, seen_by: Uuid) -> Result<u64> {
    tx.count(Entity::find().filter(Column::SeenBy.eq(seen_by))).await
}

/// Whether a shortcut belongs to another reply there.
pub(crate) async fn is_taken(tx: &Tx, row: &Model) -> Result<bool> {
    let there = Entity::find().filter(Column::SeenBy.eq(row.seen_by));
    let other = tx.one(there.filter(Column::Shortcut.eq(&row.shortcut))).await?;
    Ok(other.is_some_and(|other| other.id != row.id))
}

/// Inserts one, unless there is one with its shortcut.
pub(crate) async fn insert(tx: &Tx, row: &Model) -> Result<bool> {
    let new = vec![row.clone().into_active_model().reset_all()];
    let mut key = OnConflict::columns([Column::TenantId, Column::SeenBy, Column::Shortcut]);
    Ok(!tx.insert_new(new, key.do_nothing().to_owned()).await?.is_empty())
}

/// Writes one back as it is in memory.
pub(crate) async fn save(tx: &Tx, row: &Model) -> Result<()> {
    let values = row.clone().into_active_model().reset_all();
    tx.update(Entity::update_many().set(values).filter(Column::Id.eq(row.id))).await.map(drop)
}

/// Takes one away.
pub(crate) async fn remove(tx: &Tx, id: Uuid) -> Result<()> {
    tx.delete(Entity::delete_many().filter(Column::Id.eq(id))).await.map(drop)
}

/// A page of what somebody sees, by names.
pub(crate) async fn page(
    tx: &Tx,
    user: Uuid,
    wanted: &Wanted,
    after: Option<(String, Uuid)>,
    size: u64,
) -> Result<Vec<Model>> {
    let mut find = Entity::find()
        .filter(tx.is_any_of(Column::SeenBy, [EVERYONE, user]))
        .order_by_asc(Column::NameKey)
        .order_by_asc(Column::Id)
        .limit(size + 1);
    if let Some(category) = &wanted.category {
        find = find.filter(Column::Category.eq(category));
    }
    if let Some(words) = &wanted.words {
        let plain = words.replace('!', "!!").replace('%', "!%").replace('_', "!_");
        let like = |pattern: String| LikeExpr::new(pattern).escape('!');
        let by_shortcut = Expr::col((Entity, Column::Shortcut)).like(like(format!("{plain}%")));
        let by_name = Expr::col((Entity, Column::NameKey)).like(like(format!("%{plain}%")));
        find = find.filter(by_shortcut.or(by_name));
    }
    if let Some((name, id)) = after {
        let key = Expr::tuple([Expr::col(Column::NameKey), Expr::col(Column::Id)]);
        find = find.filter(key.gt(Expr::tuple([Expr::value(name), Expr::value(id)])));
    }
    tx.all(find).await
}
