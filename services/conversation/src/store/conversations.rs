//! Conversations.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, UpdateMany,
    sea_query::{Expr, LockType, OnConflict},
};
use uuid::Uuid;
use weft_domain::{
    Result,
    conversation::{Priority, Status},
};
use weft_store::Tx;

use super::entity::conversation::{ActiveModel, Column, Entity, Model};

/// Conversations with unread messages. Words of an index, so that both databases see that it fits.
pub(crate) const UNREAD: &str = "unread_count > 0";
/// Conversations that a new message of the contact joins; words of an index, too.
pub(crate) const LIVE: &str = "status <> 'closed'";

/// Where a message of a contact belongs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    /// The channel.
    pub(crate) channel_id: Uuid,
    /// The channel's kind.
    pub(crate) channel_kind: String,
    /// The contact.
    pub(crate) contact_id: Uuid,
    /// The thread's id at the provider.
    pub(crate) thread_id: String,
}

/// Live conversations by channel and contact.
pub(crate) type Live = HashMap<(Uuid, Uuid), Model>;

/// Finds or opens the live conversations of these places, takes their turns, and gives back the ids of those that are
/// new besides. The database allows one live conversation per contact and channel.
pub(crate) async fn find_or_open(tx: &Tx, places: Vec<Place>) -> Result<(Live, HashSet<Uuid>)> {
    let mut live = take_live(tx, &places).await?;
    let mut asked = HashSet::new();
    let mut missing: Vec<Place> = places
        .into_iter()
        .filter(|place| {
            let key = (place.channel_id, place.contact_id);
            !live.contains_key(&key) && asked.insert(key)
        })
        .collect();
    if missing.is_empty() {
        return Ok((live, HashSet::new()));
    }
    // In one order, so that two replicas never wait for each other in a circle.
    missing.sort_unstable_by_key(|place| (place.channel_id, place.contact_id));
    let rows = missing.iter().map(|place| new(tx, place)).collect();
    let opened = tx.insert_new(rows, OnConflict::new().do_nothing().to_owned()).await?;
    let new_ids = opened.iter().map(|conversation| conversation.id).collect();
    live.extend(take_live(tx, &missing).await?);
    Ok((live, new_ids))
}

/// Live conversations, their turns taken in the order of their ids: until the transaction ends nobody else changes them.
async fn take_live(tx: &Tx, places: &[Place]) -> Result<Live> {
    let mut by_channel: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    for place in places {
        by_channel.entry(place.channel_id).or_default().push(place.contact_id);
    }
    let any = by_channel.into_iter().fold(Condition::any(), |any, (channel, contacts)| {
        any.add(Column::ChannelId.eq(channel).and(tx.is_any_of(Column::ContactId, contacts)))
    });
    // SQLite has no row locks and needs none: a write is alone there.
    let find =
        Entity::find().filter(Expr::cust(LIVE)).filter(any).order_by_asc(Column::Id).lock(LockType::Update);
    Ok(tx.all(find).await?.into_iter().map(|row| ((row.channel_id, row.contact_id), row)).collect())
}

fn new(tx: &Tx, place: &Place) -> ActiveModel {
    let now = tx.now();
    ActiveModel {
        tenant_id: Set(tx.tenant().uuid()),
        id: Set(Uuid::now_v7()),
        contact_id: Set(place.contact_id),
        channel_id: Set(place.channel_id),
        channel_kind: Set(place.channel_kind.clone()),
        thread_id: Set(place.thread_id.clone()),
        status: Set(Status::Open.to_string()),
        priority: Set(Priority::Normal.to_string()),
        assignee: Set(None),
        unread_count: Set(0),
        last_seq: Set(0),
        read_seq: Set(0),
        last_message_id: Set(None),
        delivering: Set(None),
        waiting_since: Set(None),
        active_at: Set(now),
        created_at: Set(now),
        updated_at: Set(now),
    }
}

/// One conversation; another tenant's and unknown ones are not found alike.
pub(crate) async fn get(tx: &Tx, id: Uuid) -> Result<Model> {
    tx.get("conversation", Entity::find().filter(Column::Id.eq(id))).await
}

/// The newest conversation of a thread.
pub(crate) async fn newest_of_thread(tx: &Tx, channel_id: Uuid, thread_id: &str) -> Result<Option<Model>> {
    let find = Entity::find()
        .filter(Column::ChannelId.eq(channel_id))
        .filter(Column::ThreadId.eq(thread_id))
        .order_by_desc(Column::CreatedAt)
        .limit(1);
    tx.one(find).await
}

/// Takes the conversation's turn to change: hands out `count` places for messages and gives back the row as it is then.
/// Until the transaction ends nobody else can do so.
pub(crate) async fn advance(tx: &Tx, id: Uuid, count: i64) -> Result<Model> {
    let update = update(id).col_expr(Column::LastSeq, Expr::col(Column::LastSeq).add(count));
    let rows = tx.update_returning(update).await?;
    rows.into_iter().next().ok_or_else(|| weft_domain::Error::not_found("conversation"))
}

/// A change of one conversation.
pub(crate) fn update(id: Uuid) -> UpdateMany<Entity> {
    Entity::update_many().filter(Column::Id.eq(id))
}

/// Writes a conversation's row back as it is in memory. The row must have been taken by [`advance`] in this transaction.
pub(crate) async fn save(tx: &Tx, conversation: &Model) -> Result<()> {
    use sea_orm::IntoActiveModel;
    let values = conversation.clone().into_active_model().reset_all();
    tx.update(Entity::update_many().set(values).filter(Column::Id.eq(conversation.id))).await.map(|_| ())
}

/// Writes rows back as they are in memory, their turns having been taken in this transaction.
pub(crate) async fn save_all(tx: &Tx, conversations: &[Model]) -> Result<()> {
    use sea_orm::IntoActiveModel;
    tx.save_all(conversations.iter().map(|row| row.clone().into_active_model().reset_all()).collect()).await
}

/// What a list of conversations is narrowed to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    /// Only this status.
    pub(crate) status: Option<Status>,
    /// `Some(None)`: only those assigned to nobody.
    pub(crate) assignee: Option<Option<Uuid>>,
    /// Only this channel.
    pub(crate) channel: Option<Uuid>,
    /// Only this contact.
    pub(crate) contact: Option<Uuid>,
    /// Only those with, or without, unread messages.
    pub(crate) unread: Option<bool>,
}

/// A page of conversations, the latest activity first.
pub(crate) async fn page(
    tx: &Tx,
    filter: &Filter,
    after: Option<(DateTime<Utc>, Uuid)>,
    size: u64,
) -> Result<Vec<Model>> {
    let mut matching = Condition::all()
        .add_option(filter.status.map(|status| Column::Status.eq(status.to_string())))
        .add_option(filter.channel.map(|channel| Column::ChannelId.eq(channel)))
        .add_option(filter.contact.map(|contact| Column::ContactId.eq(contact)))
        .add_option(
            filter.unread.map(|unread| if unread { Expr::cust(UNREAD) } else { Column::UnreadCount.eq(0) }),
        )
        .add_option(filter.assignee.map(|assignee| match assignee {
            Some(user) => Column::Assignee.eq(user),
            None => Column::Assignee.is_null(),
        }));
    if let Some((at, id)) = after {
        // As a pair, so that the index is entered where the page begins.
        let key = Expr::tuple([Expr::col(Column::ActiveAt), Expr::col(Column::Id)]);
        matching = matching.add(key.lt(Expr::tuple([Expr::value(at), Expr::value(id)])));
    }
    let find = Entity::find()
        .filter(matching)
        .order_by_desc(Column::ActiveAt)
        .order_by_desc(Column::Id)
        .limit(size + 1);
    tx.all(find).await
}
