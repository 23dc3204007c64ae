use weft_domain::Result;
use weft_proto::{
    channel::v1::{MessageDeleted, MessageEdited, Reaction},
    conversation::v1::{self as api, Author},
    events::v1::ReactionChanged,
};
use weft_store::Tx;

use super::{Event, apply_call, apply_messages, author, label, words};
use crate::{
    deliver, events, show,
    store::{
        contacts,
        entity::{conversation, message},
        messages,
    },
};

/// The provider says a message has new content. One whose original we never saw is stored as it is now.
pub(super) async fn edited(tx: &Tx, event: &Event, edited: &MessageEdited) -> Result<()> {
    let Some(new) = &edited.message else { return Ok(()) };
    let Some((_, mut message)) = find(tx, event, &new.id).await? else {
        return apply_messages::apply(tx, &[event]).await;
    };
    if message.deleted_at.is_some() {
        return Ok(());
    }
    if let Some(told) = &new.call {
        let call = apply_call::merged(message.content.call.as_ref(), told);
        if message.content.call.as_ref() == Some(&call) {
            return Ok(());
        }
        message.content.call = Some(call);
        messages::save(tx, &message).await?;
        return events::message_updated(tx, &message);
    }
    message.text = words(&new.text);
    message.kind = apply_messages::kind(new).to_string();
    let before = std::mem::replace(&mut message.content, apply_messages::content(new));
    let same_files = before.attachments.len() == new.media.len()
        && before
            .attachments
            .iter()
            .zip(&new.media)
            .all(|(old, media)| old.source == apply_messages::source(media));
    if same_files {
        message.content.attachments = before.attachments;
    } else {
        for (index, media) in (0..).zip(&new.media) {
            apply_messages::fetch(tx, event, &message, index, media)?;
        }
    }
    message.edited_at = Some(tx.now());
    messages::save(tx, &message).await?;
    events::message_updated(tx, &message)
}

/// The provider says a message was taken back: its words go, its place stays.
pub(super) async fn deleted(tx: &Tx, event: &Event, deleted: &MessageDeleted) -> Result<()> {
    let Some((_, mut message)) = find(tx, event, &deleted.id).await? else { return Ok(()) };
    if message.deleted_at.is_some() {
        return Ok(());
    }
    message.deleted_at = Some(tx.now());
    message.text = String::new();
    message.content = Default::default();
    messages::save(tx, &message).await?;
    events::message_updated(tx, &message)
}

/// The contact reacted to a message, or took a reaction back.
pub(super) async fn reacted(tx: &Tx, event: &Event, reaction: &Reaction) -> Result<()> {
    let Some((conversation, message)) = find(tx, event, &reaction.message_id).await? else { return Ok(()) };
    let conversation_id = show::conversation_id(conversation.id);
    let change = ReactionChanged {
        conversation_id: conversation_id.clone(),
        message_id: show::message_id(message.id),
        author: Some(reactor(tx, event).await?),
        emoji: label(&reaction.emoji),
        removed: reaction.removed,
    };
    tx.emit_event(&conversation_id, &change)
}

/// Who reacted: a member of a group, or the thread's own contact.
async fn reactor(tx: &Tx, event: &Event) -> Result<Author> {
    let writer = author::writer(event).map(|writer| writer.external_id);
    let external_id = writer.unwrap_or_else(|| author::party_id(event).to_owned());
    let contact = contacts::of(tx, event.channel_id, &external_id).await?;
    let said = event.inbound.sender.as_ref().map(|sender| label(&sender.name)).unwrap_or_default();
    Ok(Author {
        kind: api::author::Kind::Contact.into(),
        id: contact.as_ref().map(|contact| show::contact_id(contact.id)).unwrap_or_default(),
        name: contact.map_or(said, |contact| contact.name),
    })
}

/// The message that the provider calls so, and its conversation, the turn taken.
async fn find(
    tx: &Tx,
    event: &Event,
    external_id: &str,
) -> Result<Option<(conversation::Model, message::Model)>> {
    let ids = [external_id.to_owned()];
    let found = messages::by_external_ids(tx, event.channel_id, &ids).await?;
    match found.get(external_id) {
        Some(id) => deliver::take(tx, *id).await.map(Some),
        None => Ok(None),
    }
}
