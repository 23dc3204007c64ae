//! Conversations that became one, or one that became two, and what it takes to undo that.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, ExprTrait, FromJsonQueryResult,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use weft_domain::Result;
use weft_store::Tx;

use super::entity::{
    conversation::Stand,
    regrouped_message,
    regrouping::{Column, Entity, Model},
};

/// How it was before a merge; a split is undone without.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(default)]
pub(crate) struct Before {
    /// Where the other stood.
    pub(crate) status: String,
    /// Until when it was put away.
    pub(crate) snoozed_until: Option<DateTime<Utc>>,
    /// Since when it was out of the lists.
    pub(crate) archived_at: Option<DateTime<Utc>>,
    /// Where the one that stayed was answered.
    pub(crate) kept_stand: Option<Stand>,
    /// The tags that the one that stayed did not have.
    pub(crate) tags: Vec<String>,
    /// The fields in which it had no value.
    pub(crate) fields: Vec<String>,
    /// How urgent it was, where the other was more so.
    pub(crate) priority: Option<String>,
    /// Whether nobody had it, and somebody had the other.
    pub(crate) assigned: bool,
    /// People's marks on the other that it did not have.
    pub(crate) marks: Vec<(Uuid, String)>,
    /// What waited in the other for its time.
    pub(crate) scheduled: Vec<Uuid>,
}

/// One merge or split; another tenant's and unknown ones are not found alike.
pub(crate) async fn get(tx: &Tx, id: Uuid) -> Result<Model> {
    tx.get("regrouping", Entity::find().filter(Column::Id.eq(id))).await
}

/// Notes one, with the messages that changed their conversation.
pub(crate) async fn insert(tx: &Tx, row: &Model, messages: &[Uuid]) -> Result<()> {
    tx.insert_all(vec![row.clone().into_active_model().reset_all()]).await?;
    let messages = messages.iter().map(|message| regrouped_message::ActiveModel {
        tenant_id: Set(row.tenant_id),
        regrouping_id: Set(row.id),
        message_id: Set(*message),
    });
    tx.insert_all(messages.collect()).await
}

/// The messages that changed their conversation by it.
pub(crate) async fn messages_of(tx: &Tx, id: Uuid) -> Result<HashSet<Uuid>> {
    use regrouped_message::{Column as Its, Entity as Messages};
    let rows = tx.all(Messages::find().filter(Its::RegroupingId.eq(id))).await?;
    Ok(rows.into_iter().map(|row| row.message_id).collect())
}

/// The merge by which a conversation became part of another.
pub(crate) async fn last_of(tx: &Tx, other: Uuid) -> Result<Option<Model>> {
    let find = Entity::find()
        .filter(Column::OtherId.eq(other))
        .filter(Column::UndoneAt.is_null())
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .limit(1);
    tx.one(find).await
}

/// Notes when one was undone.
pub(crate) async fn set_undone(tx: &Tx, row: &Model) -> Result<()> {
    let update = Entity::update_many()
        .col_expr(Column::UndoneAt, Expr::value(row.undone_at))
        .filter(Column::Id.eq(row.id));
    tx.update(update).await.map(drop)
}

/// A page of them, the newest first.
pub(crate) async fn page(
    tx: &Tx,
    conversation: Option<Uuid>,
    after: Option<(DateTime<Utc>, Uuid)>,
    size: u64,
) -> Result<Vec<Model>> {
    let with = |id: Uuid| Condition::any().add(Column::ConversationId.eq(id)).add(Column::OtherId.eq(id));
    let mut find = Entity::find()
        .filter(Condition::all().add_option(conversation.map(with)))
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .limit(size + 1);
    if let Some((at, id)) = after {
        let key = Expr::tuple([Expr::col(Column::CreatedAt), Expr::col(Column::Id)]);
        find = find.filter(key.lt(Expr::tuple([Expr::value(at), Expr::value(id)])));
    }
    tx.all(find).await
}
