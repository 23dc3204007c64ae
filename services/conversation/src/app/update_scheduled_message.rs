use chrono::{DateTime, Utc};
use uuid::Uuid;
use weft_auth::Principal;
use weft_domain::Result;
use weft_proto::conversation::v1::{MessageDraft, ScheduledMessage, UpdateScheduledMessageRequest};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use super::{put_draft::limited, schedule_message::sendable, send_message, time_to_come::time_to_come};
use crate::{
    Context, events, lookup,
    show::{self, ScheduledState},
    store::{conversations, entity::scheduled_message, scheduled},
};

/// Changes when a message goes, or what it says.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<UpdateScheduledMessageRequest>,
) -> Result<Once<ScheduledMessage>> {
    let request = &call.message;
    let conversation = lookup::conversation(&request.conversation_id)?;
    let id = lookup::scheduled(&request.id)?;
    let now = context.store.clock().now();
    let send_at = request.send_at.as_ref().map(|at| time_to_come("send_at", Some(at), now)).transpose()?;
    let mut draft = None;
    if let Some(message) = &request.message {
        limited(message)?;
        let sendable = sendable(conversation, message);
        draft = Some(send_message::draft(context, call.principal.tenant, &sendable).await?);
    }
    let draft = draft.as_ref();
    let (message, principal) = (request.message.as_ref(), &call.principal);
    let scope = context.store.tenant(principal.tenant);
    let change = |tx| async move {
        let row = taken(&tx, (conversation, id), principal).await?;
        if let Some(draft) = draft {
            draft.answers_there(&tx).await?;
        }
        apply(&tx, row, send_at, message).await
    };
    scope.write_once(&call.intent, change).await
}

async fn apply(
    tx: &Tx,
    mut row: scheduled_message::Model,
    send_at: Option<DateTime<Utc>>,
    message: Option<&MessageDraft>,
) -> Result<ScheduledMessage> {
    row.send_at = send_at.unwrap_or(row.send_at);
    row.message = message.map_or(row.message, |message| message.clone().into());
    row.waits = true;
    row.reason = String::new();
    row.updated_at = tx.now();
    scheduled::save(tx, &row).await?;
    let shown = show::scheduled(&row, &ScheduledState::of(&row))?;
    events::scheduled_message_updated(tx, &shown)?;
    Ok(shown)
}

/// A scheduled message whose turn has been taken, if the caller may change it: their own, or as one who moderates.
pub(super) async fn taken(
    tx: &Tx,
    (conversation, id): (Uuid, Uuid),
    principal: &Principal,
) -> Result<scheduled_message::Model> {
    conversations::advance(tx, conversation, 0).await?;
    let row = scheduled::of_conversation(tx, conversation, id).await?;
    if row.user_id != principal.user().uuid() {
        principal.require("message.moderate")?;
    }
    Ok(row)
}
