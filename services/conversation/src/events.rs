//! What happened, told to everybody.

use weft_domain::Result;
use weft_proto::{
    conversation::v1::{ScheduledMessage, View},
    events::v1::{
        BulkActionUpdated, ContactCreated, ContactUpdated, ConversationCreated, ConversationUpdated,
        MessageCreated, MessageUpdated, ScheduledMessageUpdated, ViewUpdated,
    },
};
use weft_store::Tx;

use crate::{
    show::{self, Surroundings},
    store::{
        contacts,
        entity::{bulk_action, contact, contact_identity, conversation, message, saved_view},
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

/// A view was saved, changed or deleted; what it is shown with is at hand.
pub(crate) fn view_updated(tx: &Tx, row: &saved_view::Model, shown: &View, removed: bool) -> Result<()> {
    let user_id = if row.shared { String::new() } else { show::user_id(row.owner) };
    tx.emit_event(&shown.id, &ViewUpdated { view: Some(shown.clone()), user_id, removed })
}

/// A bulk action began, went on, or ended.
pub(crate) fn bulk_action_updated(tx: &Tx, row: &bulk_action::Model) -> Result<()> {
    let event =
        BulkActionUpdated { bulk_action: Some(show::bulk_action(row)), user_id: show::user_id(row.user_id) };
    tx.emit_event(&show::bulk_action_id(row.id), &event)
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
