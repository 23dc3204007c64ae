//! What people have begun to write.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, FromJsonQueryResult, QueryFilter, sea_query::OnConflict,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use weft_domain::Result;
use weft_proto::{AsJson, conversation::v1::MessageDraft};
use weft_store::Tx;

use super::entity::draft::{ActiveModel, Column, Entity, Model};

/// A message as it is written, in a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub(crate) struct Written(pub(crate) AsJson<MessageDraft>);

impl From<MessageDraft> for Written {
    fn from(message: MessageDraft) -> Self {
        Self(AsJson(message))
    }
}

/// Somebody's draft in a conversation.
pub(crate) async fn get(tx: &Tx, user_id: Uuid, conversation_id: Uuid) -> Result<Option<Model>> {
    let find =
        Entity::find().filter(Column::UserId.eq(user_id)).filter(Column::ConversationId.eq(conversation_id));
    tx.one(find).await
}

/// Keeps somebody's draft in the place of the one before.
pub(crate) async fn put(tx: &Tx, user_id: Uuid, conversation_id: Uuid, message: MessageDraft) -> Result<()> {
    let row = ActiveModel {
        tenant_id: Set(tx.tenant().uuid()),
        user_id: Set(user_id),
        conversation_id: Set(conversation_id),
        message: Set(message.into()),
        updated_at: Set(tx.now()),
    };
    let before = OnConflict::columns([Column::TenantId, Column::UserId, Column::ConversationId])
        .update_columns([Column::Message, Column::UpdatedAt])
        .to_owned();
    tx.insert_new(vec![row], before).await.map(|_| ())
}

/// Drops somebody's draft, if there is one.
pub(crate) async fn drop(tx: &Tx, user_id: Uuid, conversation_id: Uuid) -> Result<()> {
    let theirs = Entity::delete_many()
        .filter(Column::UserId.eq(user_id))
        .filter(Column::ConversationId.eq(conversation_id));
    tx.delete(theirs).await.map(|_| ())
}

/// Gives what people have begun to write in one conversation to another, in which they have begun nothing.
pub(crate) async fn hand_over(tx: &Tx, from: Uuid, to: Uuid) -> Result<()> {
    let sql = "UPDATE draft SET conversation_id = $3 WHERE tenant_id = $1 AND conversation_id = $2 AND user_id NOT IN \
               (SELECT user_id FROM draft WHERE tenant_id = $1 AND conversation_id = $3)";
    tx.execute(sql, vec![from.into(), to.into()]).await.map(|_| ())
}
