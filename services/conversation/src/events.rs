//! What happened, told to everybody.

use weft_domain::Result;
use weft_proto::events::v1::{
    ContactCreated, ContactUpdated, ConversationCreated, ConversationUpdated, MessageCreated, MessageUpdated,
};
use weft_store::Tx;

use crate::{
    show,
    store::{
        contacts,
        entity::{contact, conversation, message},
    },
};

/// A message was written. Ordered with everything else about its conversation.
pub(crate) fn message_created(tx: &Tx, row: &message::Model) -> Result<()> {
    let event = MessageCreated { message: Some(show::message(row)?) };
    tx.emit_event(&show::conversation_id(row.conversation_id), &event)
}

/// A message's content or state changed.
pub(crate) fn message_updated(tx: &Tx, row: &message::Model) -> Result<()> {
    let event = MessageUpdated { message: Some(show::message(row)?) };
    tx.emit_event(&show::conversation_id(row.conversation_id), &event)
}

/// Conversations began, or changed.
pub(crate) async fn conversations(
    tx: &Tx,
    created: &[conversation::Model],
    updated: &[conversation::Model],
) -> Result<()> {
    if created.is_empty() && updated.is_empty() {
        return Ok(());
    }
    let all: Vec<_> = created.iter().chain(updated).cloned().collect();
    let surroundings = show::Surroundings::load(tx, &all).await?;
    for row in created {
        let event = ConversationCreated { conversation: Some(surroundings.conversation(row)?) };
        tx.emit_event(&show::conversation_id(row.id), &event)?;
    }
    for row in updated {
        let event = ConversationUpdated { conversation: Some(surroundings.conversation(row)?) };
        tx.emit_event(&show::conversation_id(row.id), &event)?;
    }
    Ok(())
}

/// Contacts were met for the first time.
pub(crate) async fn contacts_created(tx: &Tx, rows: &[contact::Model]) -> Result<()> {
    let identities = contacts::identities(tx, rows.iter().map(|row| row.id).collect()).await?;
    for row in rows {
        let event = ContactCreated { contact: Some(show::contact(row, &identities)) };
        tx.emit_event(&show::contact_id(row.id), &event)?;
    }
    Ok(())
}

/// A contact's data changed.
pub(crate) async fn contact_updated(tx: &Tx, row: &contact::Model) -> Result<()> {
    let identities = contacts::identities(tx, vec![row.id]).await?;
    let event = ContactUpdated { contact: Some(show::contact(row, &identities)) };
    tx.emit_event(&show::contact_id(row.id), &event)
}
