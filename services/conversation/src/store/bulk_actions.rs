//! One change to many conversations.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, EntityTrait, FromJsonQueryResult, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, sea_query::LockType,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use weft_domain::Result;
use weft_proto::{AsJson, conversation::v1::ConversationChange};
use weft_store::Tx;

use super::entity::{
    bulk_action::{Column, Entity, Model},
    bulk_action_item::{Column as ItemColumn, Entity as Items, Model as Item},
};

/// Actions that go on. Words of an index, so that both databases see that it fits.
pub(crate) const RUNNING: &str = "state = 'running'";

/// A change as it was asked for, in a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub(crate) struct Asked(pub(crate) AsJson<ConversationChange>);

impl From<ConversationChange> for Asked {
    fn from(change: ConversationChange) -> Self {
        Self(AsJson(change))
    }
}

/// Inserts an action with its items.
pub(crate) async fn insert(tx: &Tx, row: &Model, items: Vec<Item>) -> Result<()> {
    tx.insert_all(vec![row.clone().into_active_model().reset_all()]).await?;
    tx.insert_all(items.into_iter().map(|item| item.into_active_model().reset_all()).collect()).await
}

/// One action.
pub(crate) async fn get(tx: &Tx, id: Uuid) -> Result<Model> {
    tx.get("bulk_action", Entity::find().filter(Column::Id.eq(id))).await
}

/// An action, its turn taken; none: it is gone.
pub(crate) async fn take(tx: &Tx, id: Uuid) -> Result<Option<Model>> {
    tx.one(Entity::find().filter(Column::Id.eq(id)).lock(LockType::Update)).await
}

/// How many of somebody's actions go on.
pub(crate) async fn count_running(tx: &Tx, user: Uuid) -> Result<u64> {
    tx.count(Entity::find().filter(Column::UserId.eq(user)).filter(Column::State.eq("running"))).await
}

/// Writes an action back as it is in memory.
pub(crate) async fn save(tx: &Tx, row: &Model) -> Result<()> {
    let values = row.clone().into_active_model().reset_all();
    tx.update(Entity::update_many().set(values).filter(Column::Id.eq(row.id))).await.map(drop)
}

/// Items that wait, the first first.
pub(crate) async fn waiting(tx: &Tx, action: Uuid, limit: u64) -> Result<Vec<Item>> {
    let find = Items::find()
        .filter(ItemColumn::ActionId.eq(action))
        .filter(ItemColumn::State.eq("waiting"))
        .order_by_asc(ItemColumn::Position)
        .limit(limit);
    tx.all(find).await
}

/// Writes items back as they are in memory.
pub(crate) async fn save_items(tx: &Tx, items: Vec<Item>) -> Result<()> {
    tx.save_all(items.into_iter().map(|item| item.into_active_model().reset_all()).collect()).await
}

/// Items after a place, the first first.
pub(crate) async fn items(
    tx: &Tx,
    action: Uuid,
    state: Option<&str>,
    after: Option<i32>,
    size: u64,
) -> Result<Vec<Item>> {
    let matching = Condition::all()
        .add(ItemColumn::ActionId.eq(action))
        .add_option(state.map(|state| ItemColumn::State.eq(state)))
        .add_option(after.map(|after| ItemColumn::Position.gt(after)));
    tx.all(Items::find().filter(matching).order_by_asc(ItemColumn::Position).limit(size + 1)).await
}
