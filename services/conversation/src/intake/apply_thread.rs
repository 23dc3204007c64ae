use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use weft_domain::Result;
use weft_proto::channel::v1::ThreadMoved;
use weft_store::Tx;

use super::{Event, author};
use crate::{
    events,
    store::{
        contacts,
        conversations::{self, Place},
        entity::{contact_identity, conversation},
    },
};

/// The contact opened the conversation without a word.
pub(super) async fn started(tx: &Tx, event: &Event) -> Result<()> {
    let (known, created) = contacts::find_or_create(tx, vec![author::party(event)]).await?;
    let Some(contact) = known.get(&(event.channel_id, event.thread_id().to_owned())) else { return Ok(()) };
    if !created.is_empty() {
        events::contacts_created(tx, &created).await?;
    }
    let place = Place {
        channel_id: event.channel_id,
        channel_kind: event.inbound.channel_kind.clone(),
        contact_id: contact.id,
        thread_id: event.thread_id().to_owned(),
    };
    let (live, opened) = conversations::find_or_open(tx, vec![place]).await?;
    let new: Vec<_> = live.into_values().filter(|conversation| opened.contains(&conversation.id)).collect();
    events::conversations(tx, &new, &[]).await
}

/// The provider gave the thread another id: the contact and its conversations follow.
pub(super) async fn moved(tx: &Tx, event: &Event, moved: &ThreadMoved) -> Result<()> {
    let taken = contact_identity::Entity::find()
        .filter(contact_identity::Column::ChannelId.eq(event.channel_id))
        .filter(contact_identity::Column::ExternalId.eq(&moved.new_id));
    if tx.one(taken).await?.is_none() {
        let identity = contact_identity::Entity::update_many()
            .col_expr(contact_identity::Column::ExternalId, Expr::value(&moved.new_id))
            .filter(contact_identity::Column::ChannelId.eq(event.channel_id))
            .filter(contact_identity::Column::ExternalId.eq(event.thread_id()));
        tx.update(identity).await?;
    }
    let threads = conversation::Entity::update_many()
        .col_expr(conversation::Column::ThreadId, Expr::value(&moved.new_id))
        .filter(conversation::Column::ChannelId.eq(event.channel_id))
        .filter(conversation::Column::ThreadId.eq(event.thread_id()));
    tx.update(threads).await.map(|_| ())
}
