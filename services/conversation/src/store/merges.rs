//! Contacts that became part of others, and what it takes to undo that.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, EntityTrait, ExprTrait, FromJsonQueryResult, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use weft_domain::{Error, Result};
use weft_store::Tx;

use super::{
    conversation_changes,
    entity::{
        contact_identity,
        contact_merge::{Column, Entity, Model},
        conversation,
    },
};

/// What it takes to undo a merge.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Moved {
    /// The other's ids on channels.
    pub identities: Vec<(Uuid, String)>,
    /// The other's conversations.
    pub conversations: Vec<Uuid>,
    /// What the contact that stayed took over, and did not have before.
    pub email: bool,
    /// The same of the telephone number.
    pub phone: bool,
    /// The same of the language.
    pub language: bool,
    /// The same of each tag.
    #[serde(default)]
    pub tags: Vec<String>,
    /// The same of being blocked.
    #[serde(default)]
    pub blocked: bool,
    /// The same of each custom field, by its key.
    #[serde(default)]
    pub fields: Vec<String>,
    /// The notes on the other.
    #[serde(default)]
    pub notes: Vec<Uuid>,
}

/// Gives one contact's identities to another.
pub(crate) async fn hand_over_identities(
    tx: &Tx,
    from: Uuid,
    to: Uuid,
    only: Option<&[(Uuid, String)]>,
) -> Result<Vec<(Uuid, String)>> {
    use contact_identity::{Column as Its, Entity as Identity};
    let mut update =
        Identity::update_many().col_expr(Its::ContactId, Expr::value(to)).filter(Its::ContactId.eq(from));
    if let Some(only) = only {
        let these = only.iter().fold(Condition::any(), |any, (channel, id)| {
            any.add(Its::ChannelId.eq(*channel).and(Its::ExternalId.eq(id)))
        });
        update = update.filter(these);
    }
    let rows = tx.update_returning(update).await?;
    Ok(rows.into_iter().map(|row| (row.channel_id, row.external_id)).collect())
}

/// Gives one contact's conversations to another.
pub(crate) async fn hand_over_conversations(
    tx: &Tx,
    from: Uuid,
    to: Uuid,
    which: Condition,
) -> Result<Vec<conversation::Model>> {
    let update = conversation::Entity::update_many()
        .col_expr(conversation::Column::ContactId, Expr::value(to))
        .col_expr(conversation::Column::UpdatedAt, Expr::value(tx.now()))
        .filter(conversation::Column::ContactId.eq(from))
        .filter(which);
    let rows = tx.update_returning(update).await?;
    conversation_changes::hand_over(tx, &rows, to).await?;
    Ok(rows)
}

/// What came from the other contact, and what was begun through its identities since.
pub(crate) fn of_the_other(tx: &Tx, merge: &Model) -> Condition {
    use conversation::Column as Its;
    let moved = tx.is_any_of(Its::Id, merge.moved.conversations.iter().copied());
    let since = merge.moved.identities.iter().fold(Condition::any(), |any, (channel, id)| {
        let here = Condition::any().add(Its::ExternalId.eq(id)).add(Its::ThreadId.eq(id));
        any.add(Condition::all().add(Its::ChannelId.eq(*channel)).add(here))
    });
    let since = Condition::all().add(Its::CreatedAt.gte(merge.created_at)).add(since);
    let mut all = Condition::any();
    if !merge.moved.conversations.is_empty() {
        all = all.add(moved);
    }
    if !merge.moved.identities.is_empty() {
        all = all.add(since);
    }
    if all.is_empty() { all.add(Expr::value(false)) } else { all }
}

/// One merge; another tenant's and unknown ones are not found alike.
pub(crate) async fn get(tx: &Tx, id: Uuid) -> Result<Model> {
    tx.get("merge", Entity::find().filter(Column::Id.eq(id))).await
}

/// The merge that made a contact part of another.
pub(crate) async fn last_of(tx: &Tx, other: Uuid) -> Result<Option<Model>> {
    let find = Entity::find()
        .filter(Column::OtherId.eq(other))
        .filter(Column::UndoneAt.is_null())
        .order_by_desc(Column::CreatedAt)
        .limit(1);
    tx.one(find).await
}

/// Notes that a channel calls one of a contact's identities otherwise now: undoing a merge gives back what it is by then.
pub(crate) async fn rename(tx: &Tx, contact: Uuid, channel: Uuid, before: &str, now: &str) -> Result<()> {
    let of_contact = Entity::find().filter(Column::ContactId.eq(contact)).filter(Column::UndoneAt.is_null());
    for mut merge in tx.all(of_contact).await? {
        let theirs = merge.moved.identities.iter_mut();
        let Some(renamed) = theirs.into_iter().find(|(on, id)| *on == channel && id == before) else {
            continue;
        };
        now.clone_into(&mut renamed.1);
        let update = Entity::update_many()
            .col_expr(
                Column::Moved,
                Expr::value(serde_json::to_value(&merge.moved).map_err(Error::internal)?),
            )
            .filter(Column::Id.eq(merge.id));
        tx.update(update).await?;
    }
    Ok(())
}

/// Notes a merge.
pub(crate) async fn insert(tx: &Tx, merge: &Model) -> Result<()> {
    tx.insert_all(vec![merge.clone().into_active_model().reset_all()]).await
}

/// Notes that a merge was undone.
pub(crate) async fn set_undone(tx: &Tx, id: Uuid, at: DateTime<Utc>) -> Result<()> {
    let update = Entity::update_many().col_expr(Column::UndoneAt, Expr::value(at)).filter(Column::Id.eq(id));
    tx.update(update).await.map(drop)
}

/// A page of merges, the newest first.
pub(crate) async fn page(
    tx: &Tx,
    contact: Option<Uuid>,
    after: Option<(DateTime<Utc>, Uuid)>,
    size: u64,
) -> Result<Vec<Model>> {
    let with = |id: Uuid| Condition::any().add(Column::ContactId.eq(id)).add(Column::OtherId.eq(id));
    let mut find = Entity::find()
        .filter(Condition::all().add_option(contact.map(with)))
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .limit(size + 1);
    if let Some((at, id)) = after {
        let key = Expr::tuple([Expr::col(Column::CreatedAt), Expr::col(Column::Id)]);
        find = find.filter(key.lt(Expr::tuple([Expr::value(at), Expr::value(id)])));
    }
    tx.all(find).await
}
