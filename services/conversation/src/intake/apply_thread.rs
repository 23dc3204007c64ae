use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use weft_domain::{Error, Result, conversation::Status};
use weft_proto::channel::v1::ThreadMoved;
use weft_store::Tx;

use super::{Event, author};
use crate::{
    events,
    show::Surroundings,
    store::{contacts, conversation_changes, conversations, entity::conversation, merges},
};

/// The contact opened the conversation without a word.
pub(super) async fn started(tx: &Tx, event: &Event) -> Result<()> {
    let people = [author::party(event)];
    let (mut known, created) = contacts::find_or_create(tx, &people).await?;
    for contact in contacts::complete(tx, &people, &mut known).await? {
        events::contact_updated(tx, &contact).await?;
    }
    let identities = contacts::identities(tx, created.iter().map(|contact| contact.id).collect()).await?;
    created.iter().try_for_each(|contact| events::contact_created(tx, contact, &identities))?;
    let place = author::place(event, &known)?;
    let (mut live, opened) = conversations::find_or_open(tx, vec![place.clone()]).await?;
    author::note_threads(tx, &mut live, &opened, &[place]).await?;
    let new: Vec<_> =
        live.into_rows().into_iter().filter(|conversation| opened.contains(&conversation.id)).collect();
    let surroundings = Surroundings::load(tx, &new).await?;
    new.iter().try_for_each(|conversation| events::conversation_created(tx, conversation, &surroundings))
}

/// The provider gave the thread another id: the contact and its conversations follow.
pub(super) async fn moved(tx: &Tx, event: &Event, moved: &ThreadMoved) -> Result<()> {
    if moved.new_id.is_empty() {
        return Err(Error::invalid_field("new_id", "a thread moves to an id"));
    }
    make_room(tx, event, &moved.new_id).await?;
    let threads = conversation::Entity::update_many()
        .col_expr(conversation::Column::ThreadId, Expr::value(&moved.new_id))
        .filter(conversation::Column::ChannelId.eq(event.channel_id))
        .filter(conversation::Column::ThreadId.eq(event.thread_id()));
    tx.update(threads).await?;
    conversations::rename_led(tx, event.channel_id, event.thread_id(), &moved.new_id).await?;
    if moved.contact_stays {
        return stays(tx, event, moved).await;
    }
    let renamed = contacts::rename(tx, event.channel_id, event.thread_id(), &moved.new_id).await?;
    let Some(id) = renamed else { return Ok(()) };
    merges::rename(tx, id, event.channel_id, event.thread_id(), &moved.new_id).await?;
    events::contact_updated(tx, &contacts::get(tx, id).await?).await
}

/// What was written to an address has become a thread of its own: the contact is still called by the address.
async fn stays(tx: &Tx, event: &Event, moved: &ThreadMoved) -> Result<()> {
    let threads = conversation::Entity::update_many()
        .col_expr(conversation::Column::ExternalId, Expr::value(event.thread_id()))
        .filter(conversation::Column::ChannelId.eq(event.channel_id))
        .filter(conversation::Column::ThreadId.eq(&moved.new_id))
        .filter(conversation::Column::ExternalId.is_null());
    tx.update(threads).await?;
    contacts::note_thread(tx, event.channel_id, event.thread_id(), &moved.new_id).await
}

/// A message may have come by the new id already, and opened a conversation: that one goes on, the one before is over.
async fn make_room(tx: &Tx, event: &Event, new_id: &str) -> Result<()> {
    if new_id == event.thread_id()
        || conversations::take_live_of(tx, event.channel_id, new_id).await?.is_none()
    {
        return Ok(());
    }
    let before = conversations::take_live_of(tx, event.channel_id, event.thread_id()).await?;
    let Some(mut before) = before else { return Ok(()) };
    let was = before.status.clone();
    before.become_status(Status::Closed);
    before.updated_at = tx.now();
    conversations::save(tx, &before).await?;
    conversation_changes::note_one(tx, &was, &before).await?;
    let surroundings = Surroundings::load(tx, std::slice::from_ref(&before)).await?;
    events::conversation_updated(tx, &before, &surroundings)
}
