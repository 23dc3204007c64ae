//! Messages as lines of conversations: where they stand, and no more.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Value, sea_query::Expr,
};
use uuid::Uuid;
use weft_domain::{Result, conversation::Direction};
use weft_store::Tx;

use super::entity::message::{Column, Entity, Model};

/// So many are given their places with one statement.
const CHUNK: usize = 200;

/// A message's place.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub(crate) struct Line {
    /// The message.
    pub(crate) id: Uuid,
    /// Its place in the conversation.
    pub(crate) seq: i64,
    /// When it was written.
    pub(crate) created_at: DateTime<Utc>,
    /// Which way it went.
    pub(crate) direction: String,
}

impl Line {
    /// Whether the contact wrote it.
    pub(crate) fn is_inbound(&self) -> bool {
        self.direction == Direction::Inbound.to_string()
    }
}

impl From<Model> for Line {
    fn from(row: Model) -> Self {
        Self { id: row.id, seq: row.seq, created_at: row.created_at, direction: row.direction }
    }
}

/// Those of a conversation after a place, in their order.
pub(crate) async fn after(tx: &Tx, conversation: Uuid, seq: i64, limit: usize) -> Result<Vec<Line>> {
    let sql = format!(
        "SELECT id, seq, created_at, direction FROM message WHERE tenant_id = $1 AND conversation_id = $2 \
         AND seq > $3 ORDER BY seq LIMIT {limit}"
    );
    tx.query(&sql, vec![conversation.into(), seq.into()]).await
}

/// Those of these that are a conversation's, in their order.
pub(crate) async fn of(tx: &Tx, conversation: Uuid, ids: &HashSet<Uuid>) -> Result<Vec<Line>> {
    let find = Entity::find()
        .filter(Column::ConversationId.eq(conversation))
        .filter(tx.is_any_of(Column::Id, ids.iter().copied()))
        .order_by_asc(Column::Seq);
    Ok(tx.all(find).await?.into_iter().map(Line::from).collect())
}

/// Those of a conversation that came or went by a channel since then.
pub(crate) async fn by_channel_since(
    tx: &Tx,
    conversation: Uuid,
    channel: Uuid,
    since: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<Line>> {
    let find = Entity::find()
        .filter(Column::ConversationId.eq(conversation))
        .filter(Column::ChannelId.eq(channel))
        .filter(Column::Direction.ne(Direction::Internal.to_string()))
        .filter(Column::CreatedAt.gte(since))
        .order_by_asc(Column::CreatedAt)
        .limit(limit);
    Ok(tx.all(find).await?.into_iter().map(Line::from).collect())
}

/// The newest of a conversation, of all or of the contact's.
pub(crate) async fn newest(tx: &Tx, conversation: Uuid, inbound: bool) -> Result<Option<Line>> {
    let mut find =
        Entity::find().filter(Column::ConversationId.eq(conversation)).order_by_desc(Column::Seq).limit(1);
    if inbound {
        find = find.filter(Column::Direction.eq(Direction::Inbound.to_string()));
    }
    Ok(tx.one(find).await?.map(Line::from))
}

/// The oldest of the contact's in a conversation that was written at a time or later.
pub(crate) async fn first_inbound(tx: &Tx, conversation: Uuid, since: DateTime<Utc>) -> Result<Option<Line>> {
    let find = Entity::find()
        .filter(Column::ConversationId.eq(conversation))
        .filter(Column::CreatedAt.gte(since))
        .filter(Column::Direction.eq(Direction::Inbound.to_string()))
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id)
        .limit(1);
    Ok(tx.one(find).await?.map(Line::from))
}

/// The place of a conversation's first message that was written after a time.
pub(crate) async fn first_after(tx: &Tx, conversation: Uuid, at: DateTime<Utc>) -> Result<Option<i64>> {
    #[derive(FromQueryResult)]
    struct First {
        seq: Option<i64>,
    }
    let sql = "SELECT min(seq) AS seq FROM message WHERE tenant_id = $1 AND conversation_id = $2 AND created_at > $3";
    let found: Vec<First> = tx.query(sql, vec![conversation.into(), at.into()]).await?;
    Ok(found.into_iter().find_map(|first| first.seq))
}

/// Puts messages in these places of a conversation, none of which was ever taken.
pub(crate) async fn put(tx: &Tx, conversation: Uuid, places: &[(Uuid, i64)]) -> Result<()> {
    for chunk in places.chunks(CHUNK) {
        let mut values: Vec<Value> = vec![conversation.into()];
        let rows: Vec<String> =
            (0..chunk.len()).map(|n| format!("(${}, ${})", 2 * n + 3, 2 * n + 4)).collect();
        values.extend(chunk.iter().flat_map(|(id, seq)| [Value::from(*id), Value::from(*seq)]));
        let sql = format!(
            "UPDATE message SET conversation_id = $2, seq = places.column2 FROM (VALUES {}) AS places \
             WHERE message.tenant_id = $1 AND message.id = places.column1",
            rows.join(", ")
        );
        tx.execute(&sql, values).await?;
    }
    Ok(())
}

/// What their writers called messages is forgotten where the other conversation has a message that is called so.
pub(crate) async fn drop_twice_called(tx: &Tx, from: Uuid, to: Uuid, ids: Vec<Uuid>) -> Result<()> {
    let called = Entity::find()
        .filter(Column::ConversationId.eq(from))
        .filter(Column::ClientId.is_not_null())
        .filter(tx.is_any_of(Column::Id, ids));
    let names: Vec<String> = tx.all(called).await?.into_iter().filter_map(|row| row.client_id).collect();
    if names.is_empty() {
        return Ok(());
    }
    let there =
        Entity::find().filter(Column::ConversationId.eq(to)).filter(tx.is_any_of(Column::ClientId, names));
    let taken: Vec<String> = tx.all(there).await?.into_iter().filter_map(|row| row.client_id).collect();
    if taken.is_empty() {
        return Ok(());
    }
    let update = Entity::update_many()
        .col_expr(Column::ClientId, Expr::value(Option::<String>::None))
        .filter(Column::ConversationId.eq(from))
        .filter(tx.is_any_of(Column::ClientId, taken));
    tx.update(update).await.map(drop)
}
