//! Notes on contacts, their history, and contacts from files and into them.

use uuid::Uuid;
use weft_domain::{Result, conversation::AuthorKind, id};
use weft_proto::{
    conversation::v1::{
        self as api, contact_export::State as ExportState, contact_import::State as ImportState,
        timeline_entry::ConversationChanged,
    },
    convert::timestamp,
};

use super::{author, contact_id, conversation_id, positive, stored};
use crate::store::entity::{
    contact_export, contact_import, contact_import_error, contact_note, conversation,
};

/// An import's id as shown.
pub(crate) fn import_id(uuid: Uuid) -> String {
    id::from_uuid::<id::Import>(uuid).to_string()
}

/// An export's id as shown.
pub(crate) fn export_id(uuid: Uuid) -> String {
    id::from_uuid::<id::Export>(uuid).to_string()
}

/// A note on a contact.
pub(crate) fn contact_note(row: &contact_note::Model) -> Result<api::ContactNote> {
    let kind: AuthorKind = stored(&row.author_kind)?;
    Ok(api::ContactNote {
        id: id::from_uuid::<id::Note>(row.id).to_string(),
        contact_id: contact_id(row.contact_id),
        author: Some(author(kind, Some(row.user_id), &row.author_name)),
        text: row.text.clone(),
        created_at: Some(timestamp(row.created_at)),
        edited_at: row.edited_at.map(timestamp),
    })
}

/// Something that happened to a conversation as a whole.
pub(crate) fn conversation_changed(row: &conversation::Model, change: &str) -> ConversationChanged {
    let change = api::timeline_entry::conversation_changed::Change::from_str_name(change);
    ConversationChanged {
        conversation_id: conversation_id(row.id),
        change: change.unwrap_or_default().into(),
        channel_kind: row.channel_kind.clone(),
        title: row.title.clone().unwrap_or_default(),
    }
}

/// How far an import is.
pub(crate) fn contact_import(row: &contact_import::Model) -> api::ContactImport {
    let has_all = row.state == "done" || row.size <= 0;
    #[expect(clippy::cast_precision_loss, reason = "a share of a file")]
    let share = row.position as f64 / row.size.max(1) as f64;
    api::ContactImport {
        id: import_id(row.id),
        state: ImportState::from_str_name(&row.state).unwrap_or_default().into(),
        reason: row.reason.clone(),
        dry_run: row.dry_run,
        file_id: id::from_uuid::<id::File>(row.file_id).to_string(),
        row_count: positive(row.row_count),
        created_count: positive(row.created_count),
        updated_count: positive(row.updated_count),
        failed_count: positive(row.failed_count),
        progress: if has_all { 1.0 } else { share.clamp(0.0, 1.0) },
        created_at: Some(timestamp(row.created_at)),
        ended_at: row.ended_at.map(timestamp),
    }
}

/// A row that could not be taken.
pub(crate) fn contact_import_error(row: &contact_import_error::Model) -> api::ContactImportError {
    api::ContactImportError {
        row: positive(row.row_number),
        column: row.heading.clone(),
        reason: row.reason.clone(),
        message: row.message.clone(),
    }
}

/// How far an export is.
pub(crate) fn contact_export(row: &contact_export::Model) -> api::ContactExport {
    api::ContactExport {
        id: export_id(row.id),
        state: ExportState::from_str_name(&row.state).unwrap_or_default().into(),
        reason: row.reason.clone(),
        row_count: positive(row.row_count),
        file_id: row.file_id.map(|file| id::from_uuid::<id::File>(file).to_string()),
        created_at: Some(timestamp(row.created_at)),
        ended_at: row.ended_at.map(timestamp),
    }
}
