//! Conversations.

use std::collections::{HashMap, HashSet};

use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    UpdateMany,
    sea_query::{Expr, LockType, OnConflict, Query},
};
use uuid::Uuid;
use weft_domain::{
    Result,
    conversation::{Priority, Status},
};
use weft_store::Tx;

mod list;
mod merged;

pub(crate) use list::{Filter, OfTeam, few, fitting, page};
use merged::where_it_went;
pub(crate) use merged::{keep_thread, led_by, rename_led, torn};

use super::{
    contacts,
    custom_fields::Values,
    entity::{
        conversation::{ActiveModel, Column, Entity, Model},
        message,
    },
    settings,
    tags::Words,
};

/// Conversations with unread messages. Words of an index, so that both databases see that it fits.
pub(crate) const UNREAD: &str = "unread_count > 0";
/// Conversations that a new message of the contact joins; words of an index, too.
pub(crate) const LIVE: &str = "status <> 'closed'";
/// Of these the ones that what is written in their thread comes to: one of each; words of an index, too.
pub(crate) const HOLDING: &str = "status <> 'closed' AND holds_thread";

/// Where a message of a contact belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The channel.
    pub(crate) channel_id: Uuid,
    /// The channel's kind.
    pub(crate) channel_kind: String,
    /// The contact.
    pub(crate) contact_id: Uuid,
    /// The contact's id on the channel.
    pub(crate) external_id: String,
    /// The thread's id at the provider.
    pub(crate) thread_id: String,
    /// What it is about, if the channel says.
    pub(crate) title: Option<String>,
    /// Whether it is never joined with anything: a group, and a test.
    pub(crate) alone: bool,
    /// Whether what the contact writes there disturbs nobody.
    pub(crate) unheard: bool,
}

/// Live conversations, and which of them a thread of a channel is part of.
#[derive(Debug, Default)]
pub(crate) struct Live {
    rows: HashMap<Uuid, Model>,
    of: HashMap<(Uuid, String), Uuid>,
    joined: HashSet<Uuid>,
}

impl Live {
    /// The conversation of a place, if one is live.
    pub(crate) fn at(&mut self, place: &Place) -> Option<&mut Model> {
        self.rows.get_mut(self.of.get(&place.key())?)
    }

    /// Whether a place became part of it only now.
    pub(crate) fn is_joined(&self, conversation: Uuid) -> bool {
        self.joined.contains(&conversation)
    }

    /// Their statuses.
    pub(crate) fn statuses(&self) -> HashMap<Uuid, String> {
        self.rows.iter().map(|(id, row)| (*id, row.status.clone())).collect()
    }

    /// All of them.
    pub(crate) fn into_rows(self) -> Vec<Model> {
        self.rows.into_values().collect()
    }

    fn add(&mut self, key: (Uuid, String), row: Model) {
        self.of.insert(key, row.id);
        self.rows.insert(row.id, row);
    }

    /// Takes those in that their threads lead to: where none holds its thread any more, the one that was active last.
    fn lead_to(&mut self, mut rows: Vec<Model>) {
        rows.sort_unstable_by_key(|row| std::cmp::Reverse((row.holds_thread, row.active_at)));
        for mut row in rows {
            let key = (row.channel_id, row.thread_id.clone());
            if !self.of.contains_key(&key) {
                row.holds_thread = true;
                self.add(key, row);
            }
        }
    }

    fn missing(&self, places: impl IntoIterator<Item = Place>) -> Vec<Place> {
        let mut asked = HashSet::new();
        places
            .into_iter()
            .filter(|place| !self.of.contains_key(&place.key()) && asked.insert(place.key()))
            .collect()
    }
}

impl Place {
    fn key(&self) -> (Uuid, String) {
        (self.channel_id, self.thread_id.clone())
    }

    /// Makes the conversation one that is answered here.
    pub(crate) fn take_over(&self, conversation: &mut Model) {
        conversation.channel_id = self.channel_id;
        conversation.channel_kind.clone_from(&self.channel_kind);
        conversation.thread_id.clone_from(&self.thread_id);
        conversation.external_id = self.own_external_id();
        conversation.contact_wrote_at = None;
        conversation.spans_channels = true;
        conversation.holds_thread = true;
    }

    /// Whether a conversation of the contact goes on here. Threads of one channel, each about a matter of its own, stay apart.
    fn continues(&self, conversation: &Model) -> bool {
        let is_thread_of_many = self.external_id != self.thread_id;
        conversation.contact_id == self.contact_id
            && (conversation.channel_id != self.channel_id || !is_thread_of_many)
    }

    fn own_external_id(&self) -> Option<String> {
        Some(self.external_id.clone()).filter(|id| *id != self.thread_id)
    }
}

/// Finds or opens the live conversations of these places, takes their turns, and gives back the ids of those that are
/// new besides. The database allows one live conversation per thread.
pub(crate) async fn find_or_open(tx: &Tx, places: Vec<Place>) -> Result<(Live, HashSet<Uuid>)> {
    let mut live = Live::default();
    live.lead_to(take_live(tx, of_threads(tx, &places)).await?);
    let missing = live.missing(places);
    if missing.is_empty() {
        return Ok((live, HashSet::new()));
    }
    merged::lead_on(tx, &mut live, &missing).await?;
    let missing = live.missing(missing);
    join(tx, &mut live, &missing).await?;
    let mut missing = live.missing(missing);
    contacts::hold(tx, missing.iter().map(|place| place.contact_id).collect()).await?;
    // In one order, so that two replicas never wait for each other in a circle.
    missing.sort_unstable_by_key(Place::key);
    let rows = missing.iter().map(|place| new(tx, place)).collect();
    let opened = tx.insert_new(rows, OnConflict::new().do_nothing().to_owned()).await?;
    let new_ids = opened.iter().map(|conversation| conversation.id).collect();
    if !missing.is_empty() {
        live.lead_to(take_live(tx, of_threads(tx, &missing)).await?);
    }
    Ok((live, new_ids))
}

/// Lets the places whose contact has a conversation over several channels be part of it, and answers go where the contact wrote.
async fn join(tx: &Tx, live: &mut Live, places: &[Place]) -> Result<()> {
    let people: HashSet<Uuid> =
        places.iter().filter(|place| !place.alone).map(|place| place.contact_id).collect();
    if people.is_empty() {
        return Ok(());
    }
    let all = settings::get(tx).await?.join_channels;
    let mut of_people = Condition::all().add(tx.is_any_of(Column::ContactId, people));
    if !all {
        of_people = of_people.add(Column::SpansChannels.eq(true));
    }
    let mut found = take_live(tx, of_people).await?;
    found.sort_unstable_by_key(|row| row.active_at);
    for place in places.iter().filter(|place| !place.alone) {
        let Some(row) = found.iter().rev().find(|row| place.continues(row)) else { continue };
        let mut row = live.rows.remove(&row.id).unwrap_or_else(|| row.clone());
        place.take_over(&mut row);
        live.joined.insert(row.id);
        live.add(place.key(), row);
    }
    Ok(())
}

fn of_threads(tx: &Tx, places: &[Place]) -> Condition {
    let mut by_channel: HashMap<Uuid, Vec<String>> = HashMap::new();
    for place in places {
        by_channel.entry(place.channel_id).or_default().push(place.thread_id.clone());
    }
    by_channel.into_iter().fold(Condition::any(), |any, (channel, threads)| {
        any.add(Column::ChannelId.eq(channel).and(tx.is_any_of(Column::ThreadId, threads)))
    })
}

fn of_thread(channel_id: Uuid, thread_id: &str) -> Condition {
    Condition::all().add(Column::ChannelId.eq(channel_id)).add(Column::ThreadId.eq(thread_id))
}

/// Has the conversation that a thread leads to let go of it, in favour of this one.
pub(crate) async fn let_go(tx: &Tx, of: &Model) -> Result<Vec<Model>> {
    let update = Entity::update_many()
        .col_expr(Column::HoldsThread, Expr::value(false))
        .col_expr(Column::UpdatedAt, Expr::value(tx.now()))
        .filter(of_thread(of.channel_id, &of.thread_id))
        .filter(Expr::cust(HOLDING))
        .filter(Column::Id.ne(of.id));
    tx.update_returning(update).await
}

/// Live conversations that these messages are of and that their threads do not lead to, their turns taken.
pub(crate) async fn detached_of(tx: &Tx, messages: Vec<Uuid>) -> Result<Vec<Model>> {
    let of_these = Query::select()
        .column(message::Column::ConversationId)
        .from(message::Entity)
        .and_where(message::Column::TenantId.eq(tx.tenant().uuid()))
        .and_where(tx.is_any_of(message::Column::Id, messages))
        .to_owned();
    let which = Column::Id.in_subquery(of_these).and(Column::HoldsThread.eq(false));
    take_live(tx, Condition::all().add(which)).await
}

/// Two conversations, their turns taken in the order of their ids.
pub(crate) async fn take_both(tx: &Tx, one: Uuid, other: Uuid) -> Result<(Model, Model)> {
    let first = advance(tx, Ord::min(one, other), 0).await?;
    let second = advance(tx, Ord::max(one, other), 0).await?;
    Ok(if first.id == one { (first, second) } else { (second, first) })
}

/// Inserts one.
pub(crate) async fn insert(tx: &Tx, row: &Model) -> Result<()> {
    tx.insert_all(vec![row.clone().into_active_model().reset_all()]).await
}

/// Live conversations, their turns taken in the order of their ids: until the transaction ends nobody else changes them.
async fn take_live(tx: &Tx, which: Condition) -> Result<Vec<Model>> {
    // SQLite has no row locks and needs none: a write is alone there.
    let find =
        Entity::find().filter(Expr::cust(LIVE)).filter(which).order_by_asc(Column::Id).lock(LockType::Update);
    tx.all(find).await
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
        external_id: Set(place.own_external_id()),
        title: Set(place.title.clone()),
        spans_channels: Set(false),
        holds_thread: Set(true),
        merged_into: Set(None),
        status: Set(if place.unheard { Status::Resolved } else { Status::Open }.to_string()),
        priority: Set(Priority::Normal.to_string()),
        assignee: Set(None),
        team: Set(None),
        snoozed_until: Set(None),
        unread_count: Set(0),
        last_seq: Set(0),
        read_seq: Set(0),
        last_message_id: Set(None),
        delivering: Set(None),
        contact_wrote_at: Set(None),
        waiting_since: Set(None),
        tags: Set(Words::default()),
        fields: Set(Values::default()),
        archived_at: Set(place.unheard.then_some(now)),
        active_at: Set(now),
        created_at: Set(now),
        updated_at: Set(now),
    }
}

/// One conversation; another tenant's and unknown ones are not found alike.
pub(crate) async fn get(tx: &Tx, id: Uuid) -> Result<Model> {
    tx.get("conversation", Entity::find().filter(Column::Id.eq(id))).await
}

/// Conversations by id.
pub(crate) async fn by_ids(tx: &Tx, ids: &HashSet<Uuid>) -> Result<Vec<Model>> {
    tx.all(Entity::find().filter(tx.is_any_of(Column::Id, ids.iter().copied()))).await
}

/// Conversations after one, in the order of their ids.
pub(crate) async fn after(tx: &Tx, id: Uuid, limit: u64) -> Result<Vec<Model>> {
    tx.all(Entity::find().filter(Column::Id.gt(id)).order_by_asc(Column::Id).limit(limit)).await
}

/// The newest conversation that a thread is part of, though it may be answered on another channel by now.
pub(crate) async fn newest_of_thread(tx: &Tx, channel_id: Uuid, thread_id: &str) -> Result<Option<Model>> {
    let newest = |which: Condition| Entity::find().filter(which).order_by_desc(Column::CreatedAt).limit(1);
    let holding = of_thread(channel_id, thread_id).add(Expr::cust(HOLDING));
    if let Some(found) = tx.one(newest(holding)).await? {
        return Ok(Some(found));
    }
    if let Some(found) = led_by(tx, channel_id, thread_id).await? {
        return Ok(Some(found));
    }
    if let Some(found) = tx.one(newest(of_thread(channel_id, thread_id))).await? {
        return where_it_went(tx, found).await.map(Some);
    }
    let Some(contact_id) = contacts::of_thread(tx, channel_id, thread_id).await? else { return Ok(None) };
    let of_contact =
        Condition::all().add(Column::ContactId.eq(contact_id)).add(Column::SpansChannels.eq(true));
    tx.one(newest(of_contact)).await
}

/// Conversations of these contacts that went over several channels, their turns taken.
pub(crate) async fn spanning(tx: &Tx, contacts: [Uuid; 2]) -> Result<Vec<Model>> {
    let find = Entity::find()
        .filter(tx.is_any_of(Column::ContactId, contacts))
        .filter(Column::SpansChannels.eq(true))
        .order_by_asc(Column::Id)
        .lock(LockType::Update);
    tx.all(find).await
}

/// The conversation that a thread leads to, its turn taken.
pub(crate) async fn take_live_of(tx: &Tx, channel_id: Uuid, thread_id: &str) -> Result<Option<Model>> {
    let which = of_thread(channel_id, thread_id).add(Expr::cust(HOLDING));
    Ok(take_live(tx, which).await?.into_iter().next())
}

/// The live conversation of a place.
pub(crate) async fn live_at(tx: &Tx, place: &Place) -> Result<Option<Uuid>> {
    let which = of_threads(tx, std::slice::from_ref(place));
    Ok(tx.one(Entity::find().filter(Expr::cust(LIVE)).filter(which)).await?.map(|row| row.id))
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
    let values = conversation.clone().into_active_model().reset_all();
    tx.update(Entity::update_many().set(values).filter(Column::Id.eq(conversation.id))).await.map(|_| ())
}

/// Writes rows back as they are in memory, their turns having been taken in this transaction.
pub(crate) async fn save_all(tx: &Tx, conversations: &[Model]) -> Result<()> {
    tx.save_all(conversations.iter().map(|row| row.clone().into_active_model().reset_all()).collect()).await
}
