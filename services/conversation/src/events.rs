//! What happened, told to everybody.

use weft_domain::Result;
use weft_proto::{
    conversation::v1::ScheduledMessage,
    events::v1::{
        ContactCreated, ContactUpdated, ConversationCreated, ConversationUpdated, MessageCreated,
        MessageUpdated, ScheduledMessageUpdated,
    },
};
use weft_store::Tx;

use crate::{
    show::{self, Surroundings},
    store::{
        contacts,
        entity::{contact, contact_identity, conversation, message},
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

/// A conversation began; what it is shown with has been loaded.
pub(crate) fn conversation_created(tx: &Tx, row: &conversation::Model, with: &Surroundings) -> Result<()> {
    let event = ConversationCreated { conversation: Some(with.conversation(row)?) };
    tx.emit_event(&show::conversation_id(row.id), &event)
}

/// A conversation changed; what it is shown with has been loaded.
pub(crate) fn conversation_updated(tx: &Tx, row: &conversation::Model, with: &Surroundings) -> Result<()> {
    let event = ConversationUpdated { conversation: Some(with.conversation(row)?) };
    tx.emit_event(&show::conversation_id(row.id), &event)
}

/// A scheduled message changed, went, or could not go.
pub(crate) fn scheduled_message_updated(tx: &Tx, shown: &ScheduledMessage) -> Result<()> {
    let event = ScheduledMessageUpdated { scheduled_message: Some(shown.clone()) };
    tx.emit_event(&shown.conversation_id, &event)
}

/// A contact was met for the first time.
pub(crate) fn contact_created(
    tx: &Tx,
    row: &contact::Model,
    identities: &[contact_identity::Model],
) -> Result<()> {
    let event = ContactCreated { contact: Some(show::contact(row, identities)) };
    tx.emit_event(&show::contact_id(row.id), &event)
}

/// A contact's data changed.
pub(crate) async fn contact_updated(tx: &Tx, row: &contact::Model) -> Result<()> {
    let identities = contacts::identities(tx, vec![row.id]).await?;
    let event = ContactUpdated { contact: Some(show::contact(row, &identities)) };
    tx.emit_event(&show::contact_id(row.id), &event)
}
