use weft_domain::{Result, conversation::AuthorKind};
use weft_proto::channel::v1::{ChangeEnded, MessageDeleted, MessageEdited, Reaction};
use weft_store::Tx;

use super::{Event, apply_call, apply_messages, author, cut, label, words};
use crate::{
    change, deliver, events, lookup,
    notify::Notices,
    reactions,
    store::{
        contacts,
        content::StoredReaction,
        entity::{conversation, message},
        messages, notifications,
    },
};

/// The longest emoji, or name of one, that is kept.
const MAX_EMOJI_CHARS: usize = 64;

/// The provider says a message has new content. One whose original we never saw is stored as it is now.
pub(super) async fn edited(
    tx: &Tx,
    event: &Event,
    edited: &MessageEdited,
    notices: &mut Notices,
) -> Result<()> {
    let Some(new) = &edited.message else { return Ok(()) };
    let Some((_, mut message)) = find(tx, event, &new.id).await? else {
        return Box::pin(apply_messages::apply(tx, &[event], notices)).await;
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
    let before = std::mem::take(&mut message.content.attachments);
    message.content.replace_by(apply_messages::content(new));
    let same_files = before.len() == new.media.len()
        && before.iter().zip(&new.media).all(|(old, media)| old.source == apply_messages::source(media));
    if same_files {
        message.content.attachments = before;
    } else {
        for (index, media) in (0..).zip(&new.media) {
            apply_messages::fetch(tx, event, &message, index, media)?;
        }
    }
    message.edited_at = Some(tx.now());
    messages::save(tx, &message).await?;
    notifications::set_words(tx, message.id, &message.text).await?;
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
    notifications::forget_words(tx, message.id).await?;
    events::message_updated(tx, &message)
}

/// The contact reacted to a message, or took a reaction back. What is more than a message can have is not kept.
pub(super) async fn reacted(tx: &Tx, event: &Event, reaction: &Reaction) -> Result<()> {
    let emoji = cut(reaction.emoji.trim(), MAX_EMOJI_CHARS);
    if emoji.is_empty() && !reaction.removed {
        return Ok(());
    }
    let Some((_, mut message)) = find(tx, event, &reaction.message_id).await? else { return Ok(()) };
    let theirs = reactor(tx, event, emoji).await?;
    if message.deleted_at.is_some() {
        return Ok(());
    }
    let emoji = theirs.emoji.as_str();
    let changed = if reaction.removed {
        reactions::remove(&mut message, &theirs, |known| emoji.is_empty() || known.emoji == emoji)
    } else if reaction.only {
        let others = reactions::remove(&mut message, &theirs, |known| known.emoji != emoji);
        others.and(reactions::add(&mut message, theirs).unwrap_or_default())
    } else {
        reactions::add(&mut message, theirs).unwrap_or_default()
    };
    if !changed.is_something() {
        return Ok(());
    }
    messages::save(tx, &message).await?;
    changed.tell(tx, &message)
}

/// Who reacted: a member of a group, or the thread's own contact.
async fn reactor(tx: &Tx, event: &Event, emoji: String) -> Result<StoredReaction> {
    let writer = author::writer(event).map(|writer| writer.external_id);
    let external_id = writer.unwrap_or_else(|| author::party_id(event).to_owned());
    let contact = contacts::of(tx, event.channel_id, &external_id).await?;
    let said = event.inbound.sender.as_ref().map(|sender| sender.name.as_str()).unwrap_or_default();
    Ok(StoredReaction {
        emoji,
        author_kind: AuthorKind::Contact.to_string(),
        author_id: contact.as_ref().map(|contact| contact.id),
        author_name: label(contact.as_ref().map_or(said, |contact| &contact.name)),
        at: tx.now(),
        copy: None,
    })
}

/// A change of ours reached the provider, or cannot.
pub(super) async fn ended(tx: &Tx, ended: &ChangeEnded) -> Result<()> {
    let (_, mut message) = deliver::take(tx, lookup::message(&ended.message_id)?).await?;
    if !change::ended(&mut message, ended.number, &label(&ended.reason)) {
        return Ok(());
    }
    messages::save(tx, &message).await?;
    events::message_updated(tx, &message)
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
