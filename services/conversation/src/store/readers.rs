//! How far people have read.

use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;
use weft_domain::Result;
use weft_store::Tx;

use super::entity::conversation_reader::{ActiveModel, Column, Entity, Model};

/// So many people are listed, those who read last.
const MOST: u64 = 500;

/// Notes how far somebody has read, which only goes forward; none: they had read as far already.
pub(crate) async fn go_on(tx: &Tx, conversation: Uuid, user: Uuid, seq: i64) -> Result<Option<Model>> {
    let row = ActiveModel {
        tenant_id: Set(tx.tenant().uuid()),
        conversation_id: Set(conversation),
        user_id: Set(user),
        seq: Set(seq),
        at: Set(tx.now()),
    };
    let further = OnConflict::columns([Column::TenantId, Column::ConversationId, Column::UserId])
        .update_columns([Column::Seq, Column::At])
        .action_and_where(Expr::col((Entity, Column::Seq)).lt(seq))
        .to_owned();
    Ok(tx.insert_new(vec![row], further).await?.pop())
}

/// Those of a conversation, who read last first.
pub(crate) async fn of(tx: &Tx, conversation: Uuid) -> Result<Vec<Model>> {
    let find = Entity::find()
        .filter(Column::ConversationId.eq(conversation))
        .order_by_desc(Column::At)
        .order_by_asc(Column::UserId)
        .limit(MOST);
    tx.all(find).await
}

/// Notes how far people have read as it is in memory.
pub(crate) async fn save(tx: &Tx, rows: Vec<Model>) -> Result<()> {
    tx.save_all(rows.into_iter().map(|row| row.into_active_model().reset_all()).collect()).await
}
