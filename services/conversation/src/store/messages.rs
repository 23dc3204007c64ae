//! Messages.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, LockType, OnConflict, Query, SimpleExpr},
};
use uuid::Uuid;
use weft_domain::{
    Result,
    conversation::{AuthorKind, Direction},
    delivery::State,
};
use weft_store::Tx;

use super::entity::{
    conversation,
    message::{Column, Entity, Model},
    message_hidden, message_part,
};

/// Messages of ours that wait to go out. Words of an index, so that both databases see that it fits.
pub(crate) const WAITING: &str = "state = 'queued'";
/// Messages of ours that the contact has, or may have, and has not read as far as we know; words of an index, too.
pub(crate) const UNREAD: &str = "direction = 'outbound' AND state IN ('sent', 'delivered', 'unclear')";

/// One message; another tenant's and unknown ones are not found alike.
pub(crate) async fn get(tx: &Tx, id: Uuid) -> Result<Model> {
    tx.get("message", Entity::find().filter(Column::Id.eq(id))).await
}

/// One message of a conversation, whose turn has been taken.
pub(crate) async fn of_conversation(tx: &Tx, conversation_id: Uuid, id: Uuid) -> Result<Model> {
    let find = Entity::find().filter(Column::Id.eq(id)).filter(Column::ConversationId.eq(conversation_id));
    tx.get("message", find).await
}

/// The message that its writer called so.
pub(crate) async fn by_client_id(tx: &Tx, conversation_id: Uuid, client_id: &str) -> Result<Option<Model>> {
    let find = Entity::find()
        .filter(Column::ConversationId.eq(conversation_id))
        .filter(Column::ClientId.eq(client_id));
    tx.one(find).await
}

/// Messages by id.
pub(crate) async fn by_ids(tx: &Tx, ids: Vec<Uuid>) -> Result<HashMap<Uuid, Model>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = tx.all(Entity::find().filter(tx.is_any_of(Column::Id, ids))).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// Whether somebody of ours, a person or a program, wrote to the contact after a message.
pub(crate) async fn answered_after(tx: &Tx, conversation_id: Uuid, seq: i64) -> Result<bool> {
    let find = Entity::find()
        .filter(Column::ConversationId.eq(conversation_id))
        .filter(Column::Seq.gt(seq))
        .filter(Column::Direction.eq(Direction::Outbound.to_string()))
        .filter(Column::AuthorKind.ne(AuthorKind::System.to_string()))
        .limit(1);
    Ok(tx.one(find).await?.is_some())
}

/// The newest message between us and the contact, notes among us aside; with what was said by itself, or without.
pub(crate) async fn newest_said(tx: &Tx, conversation_id: Uuid, by_itself: bool) -> Result<Option<Model>> {
    let mut find = Entity::find()
        .filter(Column::ConversationId.eq(conversation_id))
        .filter(Column::Direction.ne(Direction::Internal.to_string()))
        .order_by_desc(Column::Seq)
        .limit(1);
    if !by_itself {
        find = find.filter(Column::AuthorKind.ne(AuthorKind::System.to_string()));
    }
    tx.one(find).await
}

/// Inserts messages.
pub(crate) async fn insert<'a>(tx: &Tx, messages: impl IntoIterator<Item = &'a Model>) -> Result<()> {
    let rows = messages.into_iter().map(|message| message.clone().into_active_model().reset_all());
    tx.insert_all(rows.collect()).await
}

/// Writes a message's row back as it is in memory.
pub(crate) async fn save(tx: &Tx, message: &Model) -> Result<()> {
    let values = message.clone().into_active_model().reset_all();
    tx.update(Entity::update_many().set(values).filter(Column::Id.eq(message.id))).await.map(|_| ())
}

/// Our ids of messages that the provider calls so, ours and theirs.
pub(crate) async fn by_external_ids(
    tx: &Tx,
    channel_id: Uuid,
    external_ids: &[String],
) -> Result<HashMap<String, Uuid>> {
    if external_ids.is_empty() {
        return Ok(HashMap::new());
    }
    let direct: Vec<Model> = tx
        .all(
            Entity::find()
                .filter(Column::ChannelId.eq(channel_id))
                .filter(tx.is_any_of(Column::ExternalId, external_ids.iter().cloned())),
        )
        .await?;
    let mut found: HashMap<String, Uuid> =
        direct.into_iter().filter_map(|message| Some((message.external_id?, message.id))).collect();
    let rest: HashSet<&String> = external_ids.iter().filter(|id| !found.contains_key(*id)).collect();
    if !rest.is_empty() {
        let parts = message_part::Entity::find()
            .filter(message_part::Column::ChannelId.eq(channel_id))
            .filter(tx.is_any_of(message_part::Column::ExternalId, rest.into_iter().cloned()));
        found.extend(tx.all(parts).await?.into_iter().map(|part| (part.external_id, part.message_id)));
    }
    Ok(found)
}

/// Notes the provider's ids of what was sent for a message.
pub(crate) async fn add_parts(
    tx: &Tx,
    channel_id: Uuid,
    message_id: Uuid,
    external_ids: &[String],
) -> Result<()> {
    let rows = external_ids.iter().map(|external_id| message_part::ActiveModel {
        tenant_id: Set(tx.tenant().uuid()),
        channel_id: Set(channel_id),
        external_id: Set(external_id.clone()),
        message_id: Set(message_id),
    });
    tx.insert_new(rows.collect(), OnConflict::new().do_nothing().to_owned()).await.map(|_| ())
}

/// What a channel calls a message: one id for each part of it that went there.
pub(crate) async fn ids_on(tx: &Tx, message: &Model) -> Result<Vec<String>> {
    let parts = message_part::Entity::find()
        .filter(message_part::Column::MessageId.eq(message.id))
        .filter(message_part::Column::ChannelId.eq(message.channel_id))
        .order_by_asc(message_part::Column::ExternalId);
    let ids: Vec<String> = tx.all(parts).await?.into_iter().map(|part| part.external_id).collect();
    if ids.is_empty() { Ok(message.external_id.iter().cloned().collect()) } else { Ok(ids) }
}

/// Puts a message out of somebody's sight. It answers whether it was in it.
pub(crate) async fn hide(tx: &Tx, user_id: Uuid, message_id: Uuid) -> Result<bool> {
    let row = message_hidden::ActiveModel {
        tenant_id: Set(tx.tenant().uuid()),
        user_id: Set(user_id),
        message_id: Set(message_id),
    };
    let hidden = tx.insert_new(vec![row], OnConflict::new().do_nothing().to_owned()).await?;
    Ok(!hidden.is_empty())
}

/// Of messages those that are in somebody's sight.
fn seen_by(tx: &Tx, user_id: Uuid) -> SimpleExpr {
    use message_hidden::{Column as Hidden, Entity as Table};
    let hidden = Query::select()
        .expr(Expr::val(1))
        .from(Table)
        .and_where(Expr::col((Table, Hidden::TenantId)).eq(tx.tenant().uuid()))
        .and_where(Expr::col((Table, Hidden::UserId)).eq(user_id))
        .and_where(Expr::col((Table, Hidden::MessageId)).equals((Entity, Column::Id)))
        .to_owned();
    Expr::exists(hidden).not()
}

/// Of those messages the ones that went out on a channel, though they may have gone over another one since.
fn sent_on(tx: &Tx, channel_id: Uuid) -> SimpleExpr {
    let part = Query::select()
        .expr(Expr::val(1))
        .from(message_part::Entity)
        .and_where(Expr::col((message_part::Entity, message_part::Column::TenantId)).eq(tx.tenant().uuid()))
        .and_where(
            Expr::col((message_part::Entity, message_part::Column::MessageId)).equals((Entity, Column::Id)),
        )
        .and_where(Expr::col((message_part::Entity, message_part::Column::ChannelId)).eq(channel_id))
        .to_owned();
    Expr::exists(part)
}

/// Messages of a conversation that went out on a channel and have not been delivered there, nor ever went over the other one.
/// What was taken back since is not among them.
pub(crate) async fn undelivered(
    tx: &Tx,
    conversation_id: Uuid,
    on: Uuid,
    never_on: Uuid,
) -> Result<Vec<Model>> {
    let find = Entity::find()
        .filter(Column::ConversationId.eq(conversation_id))
        .filter(Expr::cust(UNREAD))
        .filter(Column::State.eq(State::Sent.to_string()))
        .filter(Column::DueAt.is_not_null())
        .filter(Column::DeletedAt.is_null())
        .filter(Column::ChannelId.eq(on))
        .filter(sent_on(tx, never_on).not())
        .order_by_asc(Column::Seq)
        .limit(200);
    tx.all(find).await
}

/// The provider's id of the last part of a message, or of the message itself, if it is one of that channel.
pub(crate) async fn external_id_on(tx: &Tx, id: Uuid, channel_id: Uuid) -> Result<Option<String>> {
    let find = Entity::find().filter(Column::Id.eq(id)).filter(Column::ChannelId.eq(channel_id));
    Ok(tx.one(find).await?.and_then(|message| message.external_id))
}

/// The oldest message of a conversation that waits for its turn to go out.
pub(crate) async fn next_queued(tx: &Tx, conversation_id: Uuid) -> Result<Option<Model>> {
    let find = Entity::find()
        .filter(Column::ConversationId.eq(conversation_id))
        .filter(Expr::cust(WAITING))
        .order_by_asc(Column::Seq)
        .limit(1);
    tx.one(find).await
}

/// Those of these messages that are there and in somebody's sight.
pub(crate) async fn in_sight(tx: &Tx, user_id: Uuid, ids: Vec<Uuid>) -> Result<Vec<Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let find = Entity::find()
        .filter(tx.is_any_of(Column::Id, ids))
        .filter(Column::DeletedAt.is_null())
        .filter(seen_by(tx, user_id));
    tx.all(find).await
}

/// Messages as they are until the transaction ends: whoever changes one waits.
pub(crate) async fn hold(tx: &Tx, ids: Vec<Uuid>) -> Result<Vec<Model>> {
    tx.all(Entity::find().filter(tx.is_any_of(Column::Id, ids)).lock(LockType::Share)).await
}

/// Messages of a conversation in somebody's sight before `before`, the newest first.
pub(crate) async fn page_back(
    tx: &Tx,
    conversation_id: Uuid,
    user_id: Uuid,
    before: Option<i64>,
    size: u64,
) -> Result<Vec<Model>> {
    let mut find = Entity::find()
        .filter(Column::ConversationId.eq(conversation_id))
        .filter(seen_by(tx, user_id))
        .order_by_desc(Column::Seq)
        .limit(size + 1);
    if let Some(before) = before {
        find = find.filter(Column::Seq.lt(before));
    }
    tx.all(find).await
}

/// Messages of a conversation in somebody's sight after `after`, the oldest first.
pub(crate) async fn page_on(
    tx: &Tx,
    conversation_id: Uuid,
    user_id: Uuid,
    after: i64,
    size: u64,
) -> Result<Vec<Model>> {
    let find = Entity::find()
        .filter(Column::ConversationId.eq(conversation_id))
        .filter(seen_by(tx, user_id))
        .filter(Column::Seq.gt(after))
        .order_by_asc(Column::Seq)
        .limit(size + 1);
    tx.all(find).await
}

/// The same as the contact sees them on one channel: without what is said among us, and what only went elsewhere.
pub(crate) async fn page_of_contact(
    tx: &Tx,
    conversation_id: Uuid,
    channel_id: Uuid,
    after: i64,
    size: u64,
) -> Result<Vec<Model>> {
    let find = Entity::find()
        .filter(Column::ConversationId.eq(conversation_id))
        .filter(Column::Seq.gt(after))
        .filter(Column::ChannelId.eq(channel_id).or(sent_on(tx, channel_id)))
        .filter(Column::Direction.ne(Direction::Internal.to_string()))
        .order_by_asc(Column::Seq)
        .limit(size + 1);
    tx.all(find).await
}

/// Messages of ours in a conversation up to `seq` that have not been read yet.
pub(crate) async fn outbound_up_to(tx: &Tx, conversation_id: Uuid, seq: i64) -> Result<Vec<Model>> {
    let find = Entity::find()
        .filter(Column::ConversationId.eq(conversation_id))
        .filter(Column::Seq.lte(seq))
        .filter(Expr::cust(UNREAD))
        .order_by_desc(Column::Seq)
        .limit(200);
    tx.all(find).await
}

/// Messages of ours in a conversation that were written until then and have not been read yet.
pub(crate) async fn outbound_until(
    tx: &Tx,
    conversation_id: Uuid,
    until: DateTime<Utc>,
) -> Result<Vec<Model>> {
    let find = Entity::find()
        .filter(Column::ConversationId.eq(conversation_id))
        .filter(Column::CreatedAt.lte(until))
        .filter(Expr::cust(UNREAD))
        .order_by_desc(Column::Seq)
        .limit(200);
    tx.all(find).await
}

/// When a contact last wrote on a channel, in any of their conversations.
pub(crate) async fn last_inbound(
    tx: &Tx,
    contact_id: Uuid,
    channel_id: Uuid,
) -> Result<Option<DateTime<Utc>>> {
    let theirs = Query::select()
        .column(conversation::Column::Id)
        .from(conversation::Entity)
        .and_where(conversation::Column::TenantId.eq(tx.tenant().uuid()))
        .and_where(conversation::Column::ContactId.eq(contact_id))
        .to_owned();
    let find = Entity::find()
        .filter(Column::ConversationId.in_subquery(theirs))
        .filter(Column::ChannelId.eq(channel_id))
        .filter(Column::Direction.eq(Direction::Inbound.to_string()))
        .order_by_desc(Column::CreatedAt)
        .limit(1);
    Ok(tx.one(find).await?.map(|message| message.created_at))
}

/// How many messages of one direction come after `seq`.
pub(crate) async fn count_after(
    tx: &Tx,
    conversation_id: Uuid,
    seq: i64,
    direction: Direction,
) -> Result<u64> {
    let find = Entity::find()
        .filter(Column::ConversationId.eq(conversation_id))
        .filter(Column::Seq.gt(seq))
        .filter(Column::Direction.eq(direction.to_string()));
    tx.count(find).await
}
