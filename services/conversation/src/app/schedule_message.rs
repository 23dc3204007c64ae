use chrono::{DateTime, Utc};
use uuid::Uuid;
use weft_domain::{Error, Result, conversation::Status};
use weft_proto::conversation::v1::{
    MessageDraft, ScheduleMessageRequest, ScheduledMessage, SendMessageRequest,
};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use super::{
    drop_draft,
    put_draft::limited,
    send_message::{self, Draft},
    time_to_come::time_to_come,
};
use crate::{
    Context,
    actor::Writer,
    events, lookup, reply,
    show::{self, ScheduledState},
    store::{conversations, entity::scheduled_message, people, scheduled},
};

/// As many as wait in one conversation at most.
const MOST: u64 = 100;

/// Has a message go out at a time.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<ScheduleMessageRequest>,
) -> Result<Once<ScheduledMessage>> {
    let request = &call.message;
    let conversation = lookup::conversation(&request.conversation_id)?;
    let send_at = time_to_come("send_at", request.send_at.as_ref(), context.store.clock().now())?;
    let message = &request.message.clone().unwrap_or_default();
    limited(message)?;
    let draft =
        &send_message::draft(context, call.principal.tenant, &sendable(conversation, message)).await?;
    let writer = Writer::of(&call.principal);
    let scope = context.store.tenant(call.principal.tenant);
    let schedule = |tx| async move { apply(&tx, draft, writer, send_at, message).await };
    scope.write_once(&call.intent, schedule).await
}

async fn apply(
    tx: &Tx,
    draft: &Draft,
    writer: Writer,
    send_at: DateTime<Utc>,
    message: &MessageDraft,
) -> Result<ScheduledMessage> {
    let conversation = conversations::advance(tx, draft.conversation, 0).await?;
    draft.answers_there(tx).await?;
    let status: Status = show::stored(&conversation.status)?;
    if !status.is_live() {
        return Err(reply::ended(&conversation));
    }
    if !draft.internal {
        reply::may_go(tx, &conversation).await?;
    }
    if scheduled::count(tx, conversation.id).await? >= MOST {
        let words = format!("{MOST} messages wait in this conversation; cancel one of them first");
        return Err(Error::precondition("too_many_scheduled", words));
    }
    let row = scheduled_message::Model {
        tenant_id: tx.tenant().uuid(),
        id: Uuid::now_v7(),
        conversation_id: conversation.id,
        user_id: writer.user,
        author_kind: writer.kind.to_string(),
        author_name: people::person(tx, writer.user).await?.map(|person| person.name).unwrap_or_default(),
        send_at,
        waits: true,
        reason: String::new(),
        message: message.clone().into(),
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    scheduled::insert(tx, &row).await?;
    drop_draft::run(tx, &writer, draft).await?;
    let shown = show::scheduled(&row, &ScheduledState::of(&row))?;
    events::scheduled_message_updated(tx, &shown)?;
    Ok(shown)
}

/// The message as it is sent.
pub(crate) fn sendable(conversation: Uuid, message: &MessageDraft) -> SendMessageRequest {
    let message = message.clone();
    SendMessageRequest {
        conversation_id: show::conversation_id(conversation),
        text: message.text,
        attachments: message.attachments,
        location: message.location,
        contact_card: message.contact_card,
        reply_to: message.reply_to,
        buttons: message.buttons,
        internal: message.internal,
        template: message.template,
        products: message.products,
        rich: message.rich,
        mentions: message.mentions,
        purpose: message.purpose,
        ..SendMessageRequest::default()
    }
}
