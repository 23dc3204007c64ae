//! What people are to know of, and how much of it they have not read.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, LockType, OnConflict},
};
use uuid::Uuid;
use weft_domain::Result;
use weft_store::Tx;

use super::entity::{
    notification::{Column, Entity, Model},
    notification_count,
};
use crate::excerpt;

/// Those nobody read. Words of an index, so that both databases see that it fits.
pub(crate) const UNREAD: &str = "read_at IS NULL";
/// Of these, what stands for a conversation's messages; words of an index, too.
pub(crate) const UNREAD_MESSAGE: &str = "kind = 'message' AND read_at IS NULL";

/// Which of somebody's.
#[derive(Clone, Debug)]
pub(crate) enum Which {
    /// These.
    Ids(Vec<Uuid>),
    /// Those of a conversation.
    Conversation(Uuid),
    /// A conversation's messages up to this place.
    Messages(Uuid, i64),
    /// All.
    All,
}

/// Inserts some.
pub(crate) async fn insert(tx: &Tx, rows: &[Model]) -> Result<()> {
    tx.insert_all(rows.iter().map(|row| row.clone().into_active_model().reset_all()).collect()).await
}

/// Adds to what stands for a conversation's messages, or begins it; each with whether it is new. No two are of one user and
/// conversation.
pub(crate) async fn add_up(tx: &Tx, rows: Vec<Model>) -> Result<Vec<(Model, bool)>> {
    let counts: HashMap<(Uuid, Uuid), i32> =
        rows.iter().map(|row| ((row.user_id, row.conversation_id), row.count)).collect();
    let more = OnConflict::columns([Column::TenantId, Column::UserId, Column::ConversationId])
        .target_and_where(Expr::cust(UNREAD_MESSAGE))
        .update_columns([
            Column::MessageId,
            Column::Seq,
            Column::ActorKind,
            Column::ActorId,
            Column::ActorName,
            Column::Excerpt,
            Column::UpdatedAt,
        ])
        .value(Column::Count, Expr::cust("\"notification\".\"count\" + \"excluded\".\"count\""))
        .to_owned();
    let rows = rows.into_iter().map(|row| row.into_active_model().reset_all()).collect();
    let put = tx.insert_new(rows, more).await?.into_iter().map(|row| {
        let is_new = counts.get(&(row.user_id, row.conversation_id)) == Some(&row.count);
        (row, is_new)
    });
    Ok(put.collect())
}

/// Adds to how many people have not read, and gives back how many those are then. Always in one order, so that nobody waits
/// in a circle.
pub(crate) async fn count_up(tx: &Tx, more: &BTreeMap<Uuid, i64>) -> Result<HashMap<Uuid, i64>> {
    use notification_count::{ActiveModel, Column as Count};
    let rows = more.iter().map(|(user, more)| ActiveModel {
        tenant_id: Set(tx.tenant().uuid()),
        user_id: Set(*user),
        unread: Set(*more),
    });
    let add = OnConflict::columns([Count::TenantId, Count::UserId])
        .value(Count::Unread, Expr::cust("\"notification_count\".\"unread\" + \"excluded\".\"unread\""))
        .to_owned();
    let now = tx.insert_new(rows.collect(), add).await?;
    Ok(now.into_iter().map(|row| (row.user_id, row.unread)).collect())
}

/// How many somebody has not read.
pub(crate) async fn unread(tx: &Tx, user: Uuid) -> Result<i64> {
    use notification_count::{Column as Count, Entity as Counts};
    let row = tx.one(Counts::find().filter(Count::UserId.eq(user))).await?;
    Ok(row.map(|row| row.unread).unwrap_or_default())
}

/// Marks somebody's as read, and says how many were not; the one, where it is one that was named or of a conversation's messages.
pub(crate) async fn read(tx: &Tx, user: Uuid, which: &Which) -> Result<(u64, Option<Model>)> {
    let mut update = Entity::update_many()
        .col_expr(Column::ReadAt, Expr::value(tx.now()))
        .filter(Column::UserId.eq(user))
        .filter(Expr::cust(UNREAD));
    let few = match which {
        Which::All => return Ok((tx.update(update).await?, None)),
        Which::Conversation(id) => {
            return Ok((tx.update(update.filter(Column::ConversationId.eq(*id))).await?, None));
        }
        Which::Ids(ids) => tx.is_any_of(Column::Id, ids.iter().copied()),
        Which::Messages(id, seq) => {
            update = update.filter(Expr::cust(UNREAD_MESSAGE)).filter(Column::Seq.lte(*seq));
            Column::ConversationId.eq(*id)
        }
    };
    let mut rows = tx.update_returning(update.filter(few)).await?;
    let count = u64::try_from(rows.len()).unwrap_or_default();
    let one = rows.pop().filter(|_| rows.is_empty());
    Ok((count, one))
}

/// Somebody's before a time, the newest first.
pub(crate) async fn page(
    tx: &Tx,
    user: Uuid,
    unread: bool,
    before: Option<(DateTime<Utc>, Uuid)>,
    size: u64,
) -> Result<Vec<Model>> {
    let mut matching = Condition::all().add(Column::UserId.eq(user));
    if unread {
        matching = matching.add(Expr::cust(UNREAD));
    }
    if let Some((at, id)) = before {
        let key = Expr::tuple([Expr::col(Column::UpdatedAt), Expr::col(Column::Id)]);
        matching = matching.add(key.lt(Expr::tuple([Expr::value(at), Expr::value(id)])));
    }
    let find = Entity::find().filter(matching).order_by_desc(Column::UpdatedAt).order_by_desc(Column::Id);
    tx.all(find.limit(size + 1)).await
}

/// Forgets the words of a message that is no more.
pub(crate) async fn forget_words(tx: &Tx, message: Uuid) -> Result<()> {
    let without = Entity::update_many().col_expr(Column::Excerpt, Expr::value(""));
    tx.update(without.filter(Column::MessageId.eq(message))).await.map(drop)
}

/// Shows the words of a message as they are now.
pub(crate) async fn set_words(tx: &Tx, message: Uuid, text: &str) -> Result<()> {
    let with = Entity::update_many().col_expr(Column::Excerpt, Expr::value(excerpt::of(text)));
    tx.update(with.filter(Column::MessageId.eq(message))).await.map(drop)
}

/// Those of these that were last counted before a time, their turns taken.
pub(crate) async fn take_older(tx: &Tx, ids: Vec<Uuid>, before: DateTime<Utc>) -> Result<Vec<Model>> {
    let these = tx.is_any_of(Column::Id, ids);
    let find = Entity::find().filter(these).filter(Column::UpdatedAt.lt(before)).order_by_asc(Column::Id);
    tx.all(find.lock(LockType::Update)).await
}

/// Takes some away for good.
pub(crate) async fn remove(tx: &Tx, rows: &[Model]) -> Result<()> {
    let these = tx.is_any_of(Column::Id, rows.iter().map(|row| row.id));
    tx.delete(Entity::delete_many().filter(these)).await.map(drop)
}

/// Messages have these places in a conversation now: what is about them goes along. Somebody has one of its unread messages then,
/// however many they had; those that are no more are given back.
pub(crate) async fn go_along(tx: &Tx, conversation: Uuid, places: &HashMap<Uuid, i64>) -> Result<Vec<Model>> {
    let about = Entity::find().filter(tx.is_any_of(Column::MessageId, places.keys().copied()));
    let mut rows = tx.all(about).await?;
    for row in &mut rows {
        row.conversation_id = conversation;
        row.seq = row.message_id.and_then(|id| places.get(&id)).copied().or(row.seq);
    }
    let is_unread = |row: &Model| row.kind == "message" && row.read_at.is_none();
    let users: Vec<Uuid> = rows.iter().filter(|row| is_unread(row)).map(|row| row.user_id).collect();
    if !users.is_empty() {
        let there = Entity::find()
            .filter(tx.is_any_of(Column::UserId, users))
            .filter(Column::ConversationId.eq(conversation))
            .filter(Expr::cust(UNREAD_MESSAGE));
        let there = tx.all(there).await?.into_iter().filter(|row| rows.iter().all(|one| one.id != row.id));
        rows.extend(there.collect::<Vec<_>>());
    }
    rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.seq));
    let mut kept: Vec<Model> = Vec::with_capacity(rows.len());
    let mut removed = Vec::new();
    for row in rows {
        let newer =
            kept.iter_mut().find(|one| is_unread(one) && is_unread(&row) && one.user_id == row.user_id);
        match newer {
            Some(newer) => {
                newer.count = newer.count.saturating_add(row.count);
                removed.push(row);
            }
            None => kept.push(row),
        }
    }
    if !removed.is_empty() {
        remove(tx, &removed).await?;
    }
    tx.save_all(kept.into_iter().map(|row| row.into_active_model().reset_all()).collect()).await?;
    Ok(removed)
}
