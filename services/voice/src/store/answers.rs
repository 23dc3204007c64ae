//! Answers that are to be spoken.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use strum::{Display, EnumString};
use uuid::Uuid;
use weft_domain::Result;
use weft_store::Tx;

pub(crate) use super::entity::spoken_answer::Model;
use super::entity::spoken_answer::{Column, Entity};

/// Longer than a call may take (`seconds` in proto).
const ANNOUNCED_FOR: TimeDelta = TimeDelta::seconds(70);

/// How far an answer has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Display, EnumString)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum State {
    /// The contact's message is on its way into the conversation: an answer to it may come before we know of it.
    Announced,
    /// Nobody has answered.
    Waiting,
    /// There is a file.
    Spoken,
    /// It could not be spoken.
    Failed,
}

/// More than this many voice messages nobody leaves unanswered and still wants spoken.
const AT_ONCE: u64 = 50;

/// The answer to a message.
pub(crate) async fn get(tx: &Tx, message: Uuid) -> Result<Model> {
    let is_asked_for = Column::State.ne(State::Announced.to_string());
    tx.get("spoken answer", Entity::find().filter(Column::Id.eq(message)).filter(is_asked_for)).await
}

/// Waits for the answer to a message; one that waits already stays as it is.
pub(crate) async fn ask(tx: &Tx, row: Model) -> Result<()> {
    let row = row.into_active_model().reset_all();
    tx.insert_new(vec![row], OnConflict::new().do_nothing().to_owned()).await.map(drop)
}

/// Says that a message that wants an answer is about to be put into a conversation.
pub(crate) async fn announce(tx: &Tx, conversation: Uuid, id: Uuid) -> Result<()> {
    let row = Model {
        tenant_id: tx.tenant().uuid(),
        id,
        conversation_id: conversation,
        seq: i64::MAX,
        voice: String::new(),
        language: String::new(),
        format: String::new(),
        state: State::Announced.to_string(),
        answered_by: None,
        file_id: None,
        reason: None,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    ask(tx, row).await
}

/// Takes that back: it is there, or will not come.
pub(crate) async fn withdraw(tx: &Tx, id: Uuid) -> Result<()> {
    tx.delete(Entity::delete_many().filter(Column::Id.eq(id))).await.map(drop)
}

/// Whether a message that wants an answer is about to come.
pub(crate) async fn is_announced(tx: &Tx, conversation: Uuid) -> Result<bool> {
    let find = Entity::find()
        .filter(Column::ConversationId.eq(conversation))
        .filter(Column::State.eq(State::Announced.to_string()))
        .filter(Column::CreatedAt.gt(tx.now() - ANNOUNCED_FOR));
    Ok(tx.count(find).await? > 0)
}

/// What waits in a conversation for an answer and was said before `seq`.
pub(crate) async fn waiting(tx: &Tx, conversation: Uuid, seq: i64) -> Result<Vec<Model>> {
    let find = Entity::find()
        .filter(Column::ConversationId.eq(conversation))
        .filter(Column::Seq.lt(seq))
        .filter(Expr::cust("state = 'waiting'"))
        .order_by_asc(Column::Seq)
        .limit(AT_ONCE);
    tx.all(find).await
}

/// Writes an answer back, if it still waits.
pub(crate) async fn settle(tx: &Tx, row: &Model) -> Result<bool> {
    let values = row.clone().into_active_model().reset_all();
    let update = Entity::update_many()
        .set(values)
        .filter(Column::Id.eq(row.id))
        .filter(Expr::cust("state = 'waiting'"));
    Ok(tx.update(update).await? > 0)
}

/// Forgets what has not changed since `before`.
pub(crate) async fn forget(tx: &Tx, before: DateTime<Utc>) -> Result<u64> {
    tx.delete(Entity::delete_many().filter(Column::UpdatedAt.lt(before))).await
}
