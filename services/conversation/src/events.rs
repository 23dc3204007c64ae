//! What happened, told to everybody.

use uuid::Uuid;
use weft_domain::Result;
use weft_proto::{
    conversation::v1::{Regrouping, ScheduledMessage, View},
    events::v1::{
        BulkActionUpdated, CannedReplyUpdated, ContactCreated, ContactExportUpdated, ContactImportUpdated,
        ContactNoteUpdated, ContactUpdated, ConversationCreated, ConversationUpdated, MacroUpdated,
        MessageCreated, MessageUpdated, NotificationUpdated, ReaderUpdated, RegroupingUpdated,
        ScheduledMessageUpdated, ViewUpdated,
    },
};
use weft_store::Tx;

use crate::{
    show::{self, Surroundings},
    store::{
        contacts,
        entity::{
            bulk_action, canned_reply, contact, contact_export, contact_identity, contact_import,
            contact_note, conversation, conversation_reader, message, notification, regrouping, saved_macro,
            saved_view,
        },
        teams,
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

/// Two conversations became one, one became two, or that was undone.
pub(crate) fn regrouping_updated(tx: &Tx, row: &regrouping::Model, shown: &Regrouping) -> Result<()> {
    [row.conversation_id, row.other_id].into_iter().map(show::conversation_id).try_for_each(
        |conversation_id| {
            let event = RegroupingUpdated {
                conversation_id: conversation_id.clone(),
                regrouping: Some(shown.clone()),
            };
            tx.emit_event(&conversation_id, &event)
        },
    )
}

/// A scheduled message changed, went, or could not go.
pub(crate) fn scheduled_message_updated(tx: &Tx, shown: &ScheduledMessage) -> Result<()> {
    let event = ScheduledMessageUpdated { scheduled_message: Some(shown.clone()) };
    tx.emit_event(&shown.conversation_id, &event)
}

/// A view was saved, changed or deleted; what it is shown with is at hand. Of a team's each of its people is told.
pub(crate) async fn view_updated(
    tx: &Tx,
    row: &saved_view::Model,
    shown: &View,
    removed: bool,
) -> Result<()> {
    let whose = match row.team {
        Some(team) => teams::members_of(tx, team).await?.into_iter().map(show::user_id).collect(),
        None if row.shared => vec![String::new()],
        None => vec![show::user_id(row.owner)],
    };
    whose.into_iter().try_for_each(|user_id| {
        tx.emit_event(&shown.id, &ViewUpdated { view: Some(shown.clone()), user_id, removed })
    })
}

/// Somebody is to know of something, or has read something of it.
pub(crate) fn notification_updated(
    tx: &Tx,
    user: Uuid,
    row: Option<&notification::Model>,
    unread: i64,
) -> Result<()> {
    let user_id = show::user_id(user);
    let notification = row.map(show::notification).transpose()?;
    let unread_count = u32::try_from(unread.max(0)).unwrap_or(u32::MAX);
    tx.emit_event(&user_id.clone(), &NotificationUpdated { user_id, notification, unread_count })
}

/// Somebody of ours, of this name, has read further.
pub(crate) fn reader_updated(tx: &Tx, row: &conversation_reader::Model, name: &str) -> Result<()> {
    let conversation_id = show::conversation_id(row.conversation_id);
    let reader = Some(show::reader(row, name));
    tx.emit_event(&conversation_id.clone(), &ReaderUpdated { conversation_id, reader })
}

/// A canned reply was saved, changed or deleted.
pub(crate) fn canned_reply_updated(tx: &Tx, row: &canned_reply::Model, removed: bool) -> Result<()> {
    let shown = show::canned_reply(row);
    let user_id = if row.is_shared() { String::new() } else { show::user_id(row.owner) };
    tx.emit_event(&shown.id.clone(), &CannedReplyUpdated { canned_reply: Some(shown), user_id, removed })
}

/// A macro was saved, changed or deleted.
pub(crate) fn macro_updated(tx: &Tx, row: &saved_macro::Model, removed: bool) -> Result<()> {
    let shown = show::saved_macro(row);
    let user_id = if row.is_shared() { String::new() } else { show::user_id(row.owner) };
    tx.emit_event(&shown.id.clone(), &MacroUpdated { r#macro: Some(shown), user_id, removed })
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

/// A note on a contact was written or changed, or is gone: then its words are not told.
pub(crate) fn contact_note_updated(tx: &Tx, row: &contact_note::Model, removed: bool) -> Result<()> {
    let mut note = show::contact_note(row)?;
    if removed {
        note.text.clear();
    }
    tx.emit_event(&show::contact_id(row.contact_id), &ContactNoteUpdated { note: Some(note), removed })
}

/// An import of contacts began, went on, or ended.
pub(crate) fn contact_import_updated(tx: &Tx, row: &contact_import::Model) -> Result<()> {
    let (shown, user_id) = (show::contact_import(row), show::user_id(row.user_id));
    tx.emit_event(&shown.id.clone(), &ContactImportUpdated { contact_import: Some(shown), user_id })
}

/// An export of contacts began, went on, or ended.
pub(crate) fn contact_export_updated(tx: &Tx, row: &contact_export::Model) -> Result<()> {
    let (shown, user_id) = (show::contact_export(row), show::user_id(row.user_id));
    tx.emit_event(&shown.id.clone(), &ContactExportUpdated { contact_export: Some(shown), user_id })
}

/// A contact's data changed.
pub(crate) async fn contact_updated(tx: &Tx, row: &contact::Model) -> Result<()> {
    let identities = contacts::identities(tx, vec![row.id]).await?;
    contact_updated_with(tx, row, &identities)
}

/// The same with the contact's identities at hand.
pub(crate) fn contact_updated_with(
    tx: &Tx,
    row: &contact::Model,
    identities: &[contact_identity::Model],
) -> Result<()> {
    let event = ContactUpdated { contact: Some(show::contact(row, identities)) };
    tx.emit_event(&show::contact_id(row.id), &event)
}
