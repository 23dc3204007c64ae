//! Messages that go out later.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, sea_query::Expr,
};
use uuid::Uuid;
use weft_domain::Result;
use weft_store::Tx;

use super::entity::scheduled_message::{Column, Entity, Model};

/// One of a conversation, whose turn has been taken.
pub(crate) async fn of_conversation(tx: &Tx, conversation_id: Uuid, id: Uuid) -> Result<Model> {
    let find = Entity::find().filter(Column::Id.eq(id)).filter(Column::ConversationId.eq(conversation_id));
    tx.get("scheduled_message", find).await
}

/// One by its id; none: it has gone, or was cancelled.
pub(crate) async fn by_id(tx: &Tx, id: Uuid) -> Result<Option<Model>> {
    tx.one(Entity::find().filter(Column::Id.eq(id))).await
}

/// Those of a conversation, the next one first.
pub(crate) async fn page(
    tx: &Tx,
    conversation_id: Uuid,
    after: Option<(DateTime<Utc>, Uuid)>,
    size: u64,
) -> Result<Vec<Model>> {
    let mut matching = Condition::all().add(Column::ConversationId.eq(conversation_id));
    if let Some((at, id)) = after {
        let key = Expr::tuple([Expr::col(Column::SendAt), Expr::col(Column::Id)]);
        matching = matching.add(key.gt(Expr::tuple([Expr::value(at), Expr::value(id)])));
    }
    let find =
        Entity::find().filter(matching).order_by_asc(Column::SendAt).order_by_asc(Column::Id).limit(size + 1);
    tx.all(find).await
}

/// How many wait in a conversation.
pub(crate) async fn count(tx: &Tx, conversation_id: Uuid) -> Result<u64> {
    tx.count(Entity::find().filter(Column::ConversationId.eq(conversation_id))).await
}

/// Inserts one.
pub(crate) async fn insert(tx: &Tx, row: &Model) -> Result<()> {
    tx.insert_all(vec![row.clone().into_active_model().reset_all()]).await
}

/// Writes one back as it is in memory.
pub(crate) async fn save(tx: &Tx, row: &Model) -> Result<()> {
    let values = row.clone().into_active_model().reset_all();
    tx.update(Entity::update_many().set(values).filter(Column::Id.eq(row.id))).await.map(|_| ())
}

/// Takes one away.
pub(crate) async fn remove(tx: &Tx, id: Uuid) -> Result<()> {
    tx.delete(Entity::delete_many().filter(Column::Id.eq(id))).await.map(|_| ())
}

/// Gives what waits in one conversation to another: all of it, or these.
pub(crate) async fn hand_over(tx: &Tx, from: Uuid, to: Uuid, only: Option<&[Uuid]>) -> Result<Vec<Model>> {
    let mut update = Entity::update_many()
        .col_expr(Column::ConversationId, Expr::value(to))
        .filter(Column::ConversationId.eq(from));
    if let Some(only) = only {
        update = update.filter(tx.is_any_of(Column::Id, only.iter().copied()));
    }
    tx.update_returning(update).await
}
