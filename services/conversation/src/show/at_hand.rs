//! Canned replies and macros.

use weft_domain::id;
use weft_proto::{
    conversation::v1::{self as api, canned_reply::Visibility, r#macro as macro_api},
    convert::timestamp,
};

use super::{attachment, user_id};
use crate::store::entity::{canned_reply, saved_macro};

/// A canned reply.
pub(crate) fn canned_reply(row: &canned_reply::Model) -> api::CannedReply {
    let visibility = if row.is_shared() { Visibility::Everyone } else { Visibility::Own };
    api::CannedReply {
        id: id::from_uuid::<id::CannedReply>(row.id).to_string(),
        name: row.name.clone(),
        shortcut: row.shortcut.clone(),
        text: row.text.clone(),
        attachments: row.attachments.0.iter().map(attachment).collect(),
        category: row.category.clone(),
        visibility: visibility.into(),
        owner: user_id(row.owner),
        created_at: Some(timestamp(row.created_at)),
        updated_at: Some(timestamp(row.updated_at)),
    }
}

/// A macro.
pub(crate) fn saved_macro(row: &saved_macro::Model) -> api::Macro {
    let visibility =
        if row.is_shared() { macro_api::Visibility::Everyone } else { macro_api::Visibility::Own };
    api::Macro {
        id: id::from_uuid::<id::Macro>(row.id).to_string(),
        name: row.name.clone(),
        description: row.description.clone(),
        visibility: visibility.into(),
        owner: user_id(row.owner),
        reply: row.reply.as_ref().map(|words| words.0.0.clone()),
        note: row.note.as_ref().map(|words| words.0.0.clone()),
        change: row.change.as_ref().map(|change| change.0.0.clone()),
        created_at: Some(timestamp(row.created_at)),
        updated_at: Some(timestamp(row.updated_at)),
    }
}
