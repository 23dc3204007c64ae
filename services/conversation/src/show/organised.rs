//! Views, tags, custom fields and bulk actions.

use uuid::Uuid;
use weft_domain::{Result, id};
use weft_proto::{
    conversation::v1::{
        self as api, bulk_action::State as BulkState, bulk_action_item::State as ItemState,
        custom_field as field_api, view::Visibility,
    },
    convert::timestamp,
};

use super::{conversation_id, stored, team_id, user_id};
use crate::{
    custom_fields::{Kind, Of},
    store::{
        entity::{bulk_action, bulk_action_item, custom_field, saved_view, tag},
        views::Audience,
    },
};

/// A view's id as shown.
pub(crate) fn view_id(uuid: Uuid) -> String {
    id::from_uuid::<id::View>(uuid).to_string()
}

/// A bulk action's id as shown.
pub(crate) fn bulk_action_id(uuid: Uuid) -> String {
    id::from_uuid::<id::BulkAction>(uuid).to_string()
}

/// A view, with how many conversations are in it where that is known.
pub(crate) fn view(row: &saved_view::Model, count: Option<i64>) -> api::View {
    let visibility = match row.audience() {
        Audience::Own => Visibility::Own,
        Audience::Team(_) => Visibility::Team,
        Audience::Everyone => Visibility::Everyone,
    };
    api::View {
        id: view_id(row.id),
        name: row.name.clone(),
        visibility: visibility.into(),
        owner: user_id(row.owner),
        filter: Some(row.filter.0.0.clone()),
        position: row.position,
        count: count.and_then(|count| u64::try_from(count).ok()),
        created_at: Some(timestamp(row.created_at)),
        updated_at: Some(timestamp(row.updated_at)),
        team_id: row.team.map(team_id),
    }
}

/// A tag.
pub(crate) fn tag(row: tag::Model) -> api::Tag {
    api::Tag { name: row.name, conversations: u64::try_from(row.uses).unwrap_or_default() }
}

/// A custom field.
pub(crate) fn custom_field(row: &custom_field::Model) -> Result<api::CustomField> {
    let of = match stored(&row.entity)? {
        Of::Conversation => field_api::Of::Conversation,
        Of::Contact => field_api::Of::Contact,
    };
    let kind = match stored(&row.kind)? {
        Kind::Text => field_api::Kind::Text,
        Kind::Number => field_api::Kind::Number,
        Kind::Boolean => field_api::Kind::Boolean,
        Kind::Date => field_api::Kind::Date,
        Kind::Choice => field_api::Kind::Choice,
        Kind::Url => field_api::Kind::Url,
    };
    Ok(api::CustomField {
        id: id::from_uuid::<id::CustomField>(row.id).to_string(),
        of: of.into(),
        key: row.key.clone(),
        label: row.label.clone(),
        kind: kind.into(),
        choices: row.choices.0.clone(),
        position: row.position,
        created_at: Some(timestamp(row.created_at)),
        updated_at: Some(timestamp(row.updated_at)),
    })
}

/// A bulk action.
pub(crate) fn bulk_action(row: &bulk_action::Model) -> api::BulkAction {
    let number = |count: i32| u32::try_from(count).unwrap_or_default();
    api::BulkAction {
        id: bulk_action_id(row.id),
        state: BulkState::from_str_name(&row.state).unwrap_or_default().into(),
        change: Some(row.change.0.0.clone()),
        total: number(row.total),
        done_count: number(row.done_count),
        failed_count: number(row.failed_count),
        created_at: Some(timestamp(row.created_at)),
        ended_at: row.ended_at.map(timestamp),
    }
}

/// What became of one conversation of a bulk action.
pub(crate) fn bulk_action_item(row: &bulk_action_item::Model) -> api::BulkActionItem {
    api::BulkActionItem {
        conversation_id: conversation_id(row.conversation_id),
        state: ItemState::from_str_name(&row.state).unwrap_or_default().into(),
        reason: row.reason.clone(),
        message: row.message.clone(),
    }
}
