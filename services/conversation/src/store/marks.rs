//! What somebody of ours put on a conversation for themselves.

use std::collections::{HashMap, HashSet};

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::OnConflict};
use uuid::Uuid;
use weft_domain::{Result, conversation::Mark};
use weft_store::Tx;

use super::entity::conversation_mark::{ActiveModel, Column, Entity, Model};

/// Puts a mark on a conversation. It answers whether it was not there.
pub(crate) async fn put(tx: &Tx, user: Uuid, conversation: Uuid, mark: Mark) -> Result<bool> {
    let row = ActiveModel {
        tenant_id: Set(tx.tenant().uuid()),
        user_id: Set(user),
        conversation_id: Set(conversation),
        mark: Set(mark.to_string()),
        created_at: Set(tx.now()),
    };
    let put = tx.insert_new(vec![row], OnConflict::new().do_nothing().to_owned()).await?;
    Ok(!put.is_empty())
}

/// Takes a mark off a conversation. It answers whether it was there.
pub(crate) async fn take(tx: &Tx, user: Uuid, conversation: Uuid, mark: Mark) -> Result<bool> {
    let it = Entity::delete_many()
        .filter(Column::UserId.eq(user))
        .filter(Column::ConversationId.eq(conversation))
        .filter(Column::Mark.eq(mark.to_string()));
    Ok(tx.delete(it).await? > 0)
}

/// Somebody's marks on conversations.
pub(crate) async fn of_user(
    tx: &Tx,
    user: Uuid,
    conversations: Vec<Uuid>,
) -> Result<HashMap<Uuid, Vec<Model>>> {
    if conversations.is_empty() {
        return Ok(HashMap::new());
    }
    let find = Entity::find()
        .filter(Column::UserId.eq(user))
        .filter(tx.is_any_of(Column::ConversationId, conversations));
    Ok(by_conversation(tx.all(find).await?))
}

/// Everybody's marks on conversations.
pub(crate) async fn of_all(tx: &Tx, conversations: &HashSet<Uuid>) -> Result<HashMap<Uuid, Vec<Model>>> {
    let find = Entity::find().filter(tx.is_any_of(Column::ConversationId, conversations.iter().copied()));
    Ok(by_conversation(tx.all(find).await?))
}

/// Who follows conversations, by conversation.
pub(crate) async fn followers(tx: &Tx, conversations: Vec<Uuid>) -> Result<HashMap<Uuid, Vec<Model>>> {
    let find = Entity::find()
        .filter(tx.is_any_of(Column::ConversationId, conversations))
        .filter(Column::Mark.eq(Mark::Follow.to_string()));
    Ok(by_conversation(tx.all(find).await?))
}

fn by_conversation(rows: Vec<Model>) -> HashMap<Uuid, Vec<Model>> {
    let mut all: HashMap<Uuid, Vec<Model>> = HashMap::new();
    for row in rows {
        all.entry(row.conversation_id).or_default().push(row);
    }
    all
}

/// Gives everybody's marks on one conversation to another, and gives back those that it did not have.
pub(crate) async fn hand_over(tx: &Tx, from: Uuid, to: Uuid) -> Result<Vec<Model>> {
    let theirs = tx.all(Entity::find().filter(Column::ConversationId.eq(from))).await?;
    let rows = theirs.into_iter().map(|row| ActiveModel {
        tenant_id: Set(row.tenant_id),
        user_id: Set(row.user_id),
        conversation_id: Set(to),
        mark: Set(row.mark),
        created_at: Set(row.created_at),
    });
    tx.insert_new(rows.collect(), OnConflict::new().do_nothing().to_owned()).await
}
