//! What is written and has not gone yet.

use uuid::Uuid;
use weft_domain::{Result, conversation::AuthorKind};
use weft_proto::{conversation::v1 as api, convert::timestamp};

use super::{author, conversation_id, scheduled_id, stored};
use crate::store::entity::{draft, scheduled_message};

/// What became of a scheduled message.
pub(crate) enum ScheduledState {
    /// Its time is waited for.
    Waiting,
    /// It became this message.
    Sent(String),
    /// It could not go.
    Failed(String),
    /// Somebody kept it from going.
    Canceled,
}

impl ScheduledState {
    /// Of one that is kept.
    pub(crate) fn of(row: &scheduled_message::Model) -> Self {
        if row.waits { Self::Waiting } else { Self::Failed(row.reason.clone()) }
    }
}

/// Somebody's draft.
pub(crate) fn draft(row: &draft::Model) -> api::Draft {
    api::Draft {
        conversation_id: conversation_id(row.conversation_id),
        message: Some(row.message.0.0.clone()),
        updated_at: Some(timestamp(row.updated_at)),
    }
}

/// A draft that was never kept.
pub(crate) fn empty_draft(conversation: Uuid) -> api::Draft {
    api::Draft {
        conversation_id: conversation_id(conversation),
        message: Some(api::MessageDraft::default()),
        updated_at: None,
    }
}

/// A scheduled message.
pub(crate) fn scheduled(
    row: &scheduled_message::Model,
    state: &ScheduledState,
) -> Result<api::ScheduledMessage> {
    use api::scheduled_message::State;
    let kind: AuthorKind = stored(&row.author_kind)?;
    let (word, reason, message_id) = match state {
        ScheduledState::Waiting => (State::Waiting, "", None),
        ScheduledState::Sent(message) => (State::Sent, "", Some(message.clone())),
        ScheduledState::Failed(reason) => (State::Failed, reason.as_str(), None),
        ScheduledState::Canceled => (State::Canceled, "", None),
    };
    Ok(api::ScheduledMessage {
        id: scheduled_id(row.id),
        conversation_id: conversation_id(row.conversation_id),
        author: Some(author(kind, Some(row.user_id), &row.author_name)),
        send_at: Some(timestamp(row.send_at)),
        message: Some(row.message.0.0.clone()),
        state: word.into(),
        reason: reason.to_owned(),
        message_id,
        created_at: Some(timestamp(row.created_at)),
        updated_at: Some(timestamp(row.updated_at)),
    })
}
