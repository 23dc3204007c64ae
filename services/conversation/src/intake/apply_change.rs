use weft_domain::Result;
use weft_proto::{
    channel::v1::{MessageDeleted, MessageEdited, Reaction},
    conversation::v1::{Author, author},
    events::v1::ReactionChanged,
};
use weft_store::Tx;

use super::{Event, apply_messages, clean};
use crate::{
    events, show,
    store::{conversations, entity::message, messages},
};

/// The provider says a message has new content. One whose original we never saw is stored as it is now.
pub(super) async fn edited(tx: &Tx, event: &Event, edited: &MessageEdited) -> Result<()> {
    let Some(new) = &edited.message else { return Ok(()) };
    let Some(mut message) = find(tx, event, &new.id).await? else {
        return apply_messages::apply(tx, &[event]).await;
    };
    message.text = clean(&new.text);
    message.kind = apply_messages::kind(new).to_string();
    let before = std::mem::replace(&mut message.content, apply_messages::content(new));
    let same_files = before.attachments.len() == new.media.len()
        && before
            .attachments
            .iter()
            .zip(&new.media)
            .all(|(old, media)| old.size == media.size && old.name == clean(&media.name));
    if same_files {
        message.content.attachments = before.attachments;
    } else {
        let conversation = conversations::get(tx, message.conversation_id).await?;
        for (index, media) in (0..).zip(&new.media) {
            apply_messages::fetch(tx, &conversation, &message, index, media)?;
        }
    }
    message.edited_at = Some(tx.now());
    messages::save(tx, &message).await?;
    events::message_updated(tx, &message)
}

/// The provider says a message was taken back: its words go, its place stays.
pub(super) async fn deleted(tx: &Tx, event: &Event, deleted: &MessageDeleted) -> Result<()> {
    let Some(mut message) = find(tx, event, &deleted.id).await? else { return Ok(()) };
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
    let Some(message) = find(tx, event, &reaction.message_id).await? else { return Ok(()) };
    let sender = event.inbound.sender.clone().unwrap_or_default();
    let conversation = show::conversation_id(message.conversation_id);
    let change = ReactionChanged {
        conversation_id: conversation.clone(),
        message_id: show::message_id(message.id),
        author: Some(Author { kind: author::Kind::Contact.into(), id: String::new(), name: sender.name }),
        emoji: reaction.emoji.clone(),
        removed: reaction.removed,
    };
    tx.emit_event(&conversation, &change)
}

async fn find(tx: &Tx, event: &Event, external_id: &str) -> Result<Option<message::Model>> {
    let ids = [external_id.to_owned()];
    let found = messages::by_external_ids(tx, event.channel_id, &ids).await?;
    match found.get(external_id) {
        Some(id) => messages::get(tx, *id).await.map(Some),
        None => Ok(None),
    }
}
