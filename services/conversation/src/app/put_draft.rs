use uuid::Uuid;
use weft_domain::{Error, ErrorCode, Result};
use weft_proto::{
    AsJson,
    conversation::v1::{Draft, MessageDraft, PutDraftRequest},
};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use super::{rich_words, schedule_message::sendable, send_message};
use crate::{
    Context, lookup, show,
    store::{conversations, drafts},
};

/// The most that is kept of one draft.
const MAX_BYTES: usize = 256 * 1024;

/// Keeps one's own draft in a conversation; an empty one is dropped.
pub(crate) async fn run(context: &Context, call: Accepted<PutDraftRequest>) -> Result<Once<Draft>> {
    let id = lookup::conversation(&call.message.conversation_id)?;
    let user = call.principal.user().uuid();
    let message = &call.message.message.unwrap_or_default();
    limited(message)?;
    rich_words::run(&message.text, message.rich.as_ref(), None)?;
    let answered = send_message::reply_to(message.reply_to.as_deref())?;
    send_message::attachments(context, call.principal.tenant, &sendable(id, message)).await?;
    let scope = context.store.tenant(call.principal.tenant);
    scope.write_once(&call.intent, |tx| async move { apply(&tx, id, user, message, answered).await }).await
}

async fn apply(
    tx: &Tx,
    id: Uuid,
    user: Uuid,
    message: &MessageDraft,
    answered: Option<Uuid>,
) -> Result<Draft> {
    conversations::get(tx, id).await?;
    if let Some(answered) = answered {
        send_message::answers_there(tx, id, answered).await?;
    }
    if *message == MessageDraft::default() {
        drafts::drop(tx, user, id).await?;
        return Ok(show::empty_draft(id));
    }
    drafts::put(tx, user, id, message.clone()).await?;
    let row = drafts::get(tx, user, id).await?;
    Ok(row.as_ref().map_or_else(|| show::empty_draft(id), show::draft))
}

/// What is too large to be kept is too large to be sent.
pub(super) fn limited(message: &MessageDraft) -> Result<()> {
    let bytes = serde_json::to_vec(&AsJson(message.clone())).map_err(Error::internal)?.len();
    if bytes <= MAX_BYTES {
        return Ok(());
    }
    let words = format!("a message that is kept may have {MAX_BYTES} bytes; this is {bytes}");
    Err(Error::new(ErrorCode::TooLarge, "message_too_large", words).with_field("message"))
}
