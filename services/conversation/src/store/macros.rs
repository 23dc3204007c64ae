//! Several steps in one.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, FromJsonQueryResult, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, LockType},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use weft_domain::Result;
use weft_proto::{AsJson, conversation::v1::MacroMessage};
use weft_store::Tx;

use super::{
    canned_replies::EVERYONE,
    entity::saved_macro::{Column, Entity, Model},
};

/// What is written, in a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub(crate) struct Words(pub(crate) AsJson<MacroMessage>);

impl From<MacroMessage> for Words {
    fn from(message: MacroMessage) -> Self {
        Self(AsJson(message))
    }
}

impl Model {
    /// Whether everybody sees it.
    pub(crate) fn is_shared(&self) -> bool {
        self.seen_by == EVERYONE
    }
}

/// One macro, if somebody sees it.
pub(crate) async fn find(tx: &Tx, id: Uuid, user: Uuid) -> Result<Option<Model>> {
    let theirs = tx.is_any_of(Column::SeenBy, [EVERYONE, user]);
    tx.one(Entity::find().filter(Column::Id.eq(id)).filter(theirs)).await
}

/// One macro, its turn taken; none: it is gone.
pub(crate) async fn take(tx: &Tx, id: Uuid) -> Result<Option<Model>> {
    tx.one(Entity::find().filter(Column::Id.eq(id)).lock(LockType::Update)).await
}

/// How many there are for everybody, or of somebody's own.
pub(crate) async fn count(tx: &Tx, seen_by: Uuid) -> Result<u64> {
    tx.count(Entity::find().filter(Column::SeenBy.eq(seen_by))).await
}

/// Inserts one.
pub(crate) async fn insert(tx: &Tx, row: &Model) -> Result<()> {
    tx.insert_all(vec![row.clone().into_active_model().reset_all()]).await
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
    after: Option<(String, Uuid)>,
    size: u64,
) -> Result<Vec<Model>> {
    let mut find = Entity::find()
        .filter(tx.is_any_of(Column::SeenBy, [EVERYONE, user]))
        .order_by_asc(Column::NameKey)
        .order_by_asc(Column::Id)
        .limit(size + 1);
    if let Some((name, id)) = after {
        let key = Expr::tuple([Expr::col(Column::NameKey), Expr::col(Column::Id)]);
        find = find.filter(key.gt(Expr::tuple([Expr::value(name), Expr::value(id)])));
    }
    tx.all(find).await
}
