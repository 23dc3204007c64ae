//! Who has it, who read it, and what people are to know of.

use std::collections::HashMap;

use uuid::Uuid;
use weft_domain::{Result, id};
use weft_proto::{
    conversation::v1::{self as api, holder::Cause, notification::Kind},
    convert::timestamp,
};

use super::{author, conversation_id, message_id, positive, stored, team_id, user_id};
use crate::store::entity::{conversation_holder, conversation_reader, message, notification, person};

/// A notification's id as shown.
fn notification_id(uuid: Uuid) -> String {
    id::from_uuid::<id::Notification>(uuid).to_string()
}

/// Somebody's time with a conversation, the people and notes of that being at hand.
pub(crate) fn holder(
    row: &conversation_holder::Model,
    people: &HashMap<Uuid, person::Model>,
    notes: &HashMap<Uuid, message::Model>,
) -> Result<api::Holder> {
    let note = row.note_id.and_then(|note| notes.get(&note)).map(|note| note.text.clone());
    let name = row.user_id.and_then(|user| people.get(&user)).map(|person| person.name.clone());
    Ok(api::Holder {
        user_id: row.user_id.map(user_id).unwrap_or_default(),
        name: name.unwrap_or_default(),
        team_id: row.team_id.map(team_id).unwrap_or_default(),
        cause: Cause::from_str_name(&row.cause).unwrap_or_default().into(),
        by: Some(author(stored(&row.by_kind)?, row.by_id, &row.by_name)),
        note: note.unwrap_or_default(),
        from: Some(timestamp(row.from_at)),
        until: row.until_at.map(timestamp),
    })
}

/// How far somebody of this name has read.
pub(crate) fn reader(row: &conversation_reader::Model, name: &str) -> api::Reader {
    api::Reader {
        user_id: user_id(row.user_id),
        name: name.to_owned(),
        seq: positive(row.seq),
        at: Some(timestamp(row.at)),
    }
}

/// What somebody is to know of.
pub(crate) fn notification(row: &notification::Model) -> Result<api::Notification> {
    Ok(api::Notification {
        id: notification_id(row.id),
        kind: Kind::from_str_name(&row.kind).unwrap_or_default().into(),
        conversation_id: conversation_id(row.conversation_id),
        message_id: row.message_id.map(message_id),
        actor: Some(author(stored(&row.actor_kind)?, row.actor_id, &row.actor_name)),
        count: u32::try_from(row.count).unwrap_or_default(),
        excerpt: row.excerpt.clone(),
        created_at: Some(timestamp(row.created_at)),
        updated_at: Some(timestamp(row.updated_at)),
        read_at: row.read_at.map(timestamp),
    })
}
