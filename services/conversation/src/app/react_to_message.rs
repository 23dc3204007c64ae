use uuid::Uuid;
use weft_auth::Principal;
use weft_domain::{Error, Result};
use weft_proto::conversation::v1::{AddReactionRequest, Message, RemoveReactionRequest};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use super::edit_message::deleted;
use crate::{
    Context,
    actor::Writer,
    change::{self, What},
    lookup, reactions, show,
    store::{
        content::StoredReaction,
        conversations,
        entity::{conversation, message},
        kinds::Kinds,
        messages, people,
    },
};

/// What is asked for.
struct Wanted {
    conversation: Uuid,
    message: Uuid,
    emoji: String,
}

/// Adds one's own reaction to a message.
pub(crate) async fn add(context: &Context, call: Accepted<AddReactionRequest>) -> Result<Once<Message>> {
    let request = &call.message;
    let wanted = &wanted(&request.conversation_id, &request.id, &request.emoji)?;
    let (principal, kinds) = (&call.principal, &*context.kinds.all().await?);
    let scope = context.store.tenant(principal.tenant);
    scope
        .write_once(&call.intent, |tx| async move { apply(&tx, wanted, principal, kinds, false).await })
        .await
}

/// Takes one's own reaction back.
pub(crate) async fn remove(
    context: &Context,
    call: Accepted<RemoveReactionRequest>,
) -> Result<Once<Message>> {
    let request = &call.message;
    let wanted = &wanted(&request.conversation_id, &request.id, &request.emoji)?;
    let (principal, kinds) = (&call.principal, &*context.kinds.all().await?);
    let scope = context.store.tenant(principal.tenant);
    scope.write_once(&call.intent, |tx| async move { apply(&tx, wanted, principal, kinds, true).await }).await
}

fn wanted(conversation: &str, message: &str, emoji: &str) -> Result<Wanted> {
    let conversation = lookup::conversation(conversation)?;
    let message = lookup::message(message)?;
    // as the Unicode list has it, so that one with and one without a variation selector are the same
    let emoji = emojis::get(emoji).map(|emoji| emoji.as_str().to_owned());
    let emoji = emoji.ok_or_else(|| Error::invalid_field("emoji", "`emoji` must be one emoji, like 👍"))?;
    Ok(Wanted { conversation, message, emoji })
}

async fn apply(
    tx: &Tx,
    wanted: &Wanted,
    principal: &Principal,
    kinds: &Kinds,
    removed: bool,
) -> Result<Message> {
    let conversation = conversations::advance(tx, wanted.conversation, 0).await?;
    let mut message = messages::of_conversation(tx, conversation.id, wanted.message).await?;
    if message.deleted_at.is_some() {
        return Err(deleted());
    }
    let mine = mine(tx, principal, &wanted.emoji).await?;
    let changed = if removed {
        reactions::remove(&mut message, &mine, |known| known.emoji == wanted.emoji)
    } else {
        reactions::add(&mut message, mine).ok_or_else(too_many)?
    };
    if changed.is_something() {
        carry(tx, &conversation, &mut message, &wanted.emoji, removed, kinds).await?;
        messages::save(tx, &message).await?;
        changed.tell(tx, &message)?;
    }
    show::message(&message)
}

fn too_many() -> Error {
    let words = format!("a message has at most {} reactions, and this one has them", reactions::MOST);
    Error::precondition("too_many_reactions", words)
}

async fn mine(tx: &Tx, principal: &Principal, emoji: &str) -> Result<StoredReaction> {
    let writer = Writer::of(principal);
    let name = people::person(tx, writer.user).await?.map(|person| person.name).unwrap_or_default();
    Ok(StoredReaction {
        emoji: emoji.to_owned(),
        author_kind: writer.kind.to_string(),
        author_id: Some(writer.user),
        author_name: name,
        at: tx.now(),
        copy: None,
    })
}

/// Our side is one for the contact: what another of us still has on the message stays there.
async fn carry(
    tx: &Tx,
    conversation: &conversation::Model,
    message: &mut message::Model,
    emoji: &str,
    removed: bool,
    kinds: &Kinds,
) -> Result<()> {
    let is_of_others = |one: &StoredReaction| reactions::is_ours(one) && one.emoji == emoji;
    if removed && message.content.reactions.iter().any(is_of_others) {
        return Ok(());
    }
    let what = What::React { emoji: emoji.to_owned(), removed };
    let copy = change::carry(tx, conversation, message, &what, kinds).await?;
    if let Some(last) = message.content.reactions.last_mut().filter(|_| !removed) {
        last.copy = copy;
    }
    Ok(())
}
