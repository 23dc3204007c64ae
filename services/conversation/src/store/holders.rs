//! Who had conversations, one after the other.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;
use weft_domain::Result;
use weft_store::Tx;

use super::entity::conversation_holder::{Column, Entity, Model};

/// The last one of a conversation, whose turn has been taken.
pub(crate) async fn last(tx: &Tx, conversation: Uuid) -> Result<Option<Model>> {
    tx.one(of(conversation).order_by_desc(Column::Number).limit(1)).await
}

/// Those of a conversation before a place, the newest first.
pub(crate) async fn page(tx: &Tx, conversation: Uuid, before: Option<i64>, size: u64) -> Result<Vec<Model>> {
    let mut find = of(conversation).order_by_desc(Column::Number).limit(size + 1);
    if let Some(before) = before {
        find = find.filter(Column::Number.lt(before));
    }
    tx.all(find).await
}

/// Writes rows as they are in memory.
pub(crate) async fn save(tx: &Tx, rows: Vec<Model>) -> Result<()> {
    tx.save_all(rows.into_iter().map(|row| row.into_active_model().reset_all()).collect()).await
}

fn of(conversation: Uuid) -> sea_orm::Select<Entity> {
    Entity::find().filter(Column::ConversationId.eq(conversation))
}
