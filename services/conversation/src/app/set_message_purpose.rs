use uuid::Uuid;
use weft_domain::{Result, conversation::Purpose, parse_word};
use weft_proto::conversation::v1::{Message, SetMessagePurposeRequest};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use super::edit_message::deleted;
use crate::{
    Context, events, lookup, show,
    store::{conversations, messages},
};

/// Says what a message is for, whoever wrote it.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<SetMessagePurposeRequest>,
) -> Result<Once<Message>> {
    let request = &call.message;
    let conversation = lookup::conversation(&request.conversation_id)?;
    let id = lookup::message(&request.id)?;
    let purpose = &purpose(&request.purpose)?;
    let scope = context.store.tenant(call.principal.tenant);
    scope
        .write_once(&call.intent, |tx| async move { apply(&tx, (conversation, id), purpose.clone()).await })
        .await
}

async fn apply(tx: &Tx, (conversation, id): (Uuid, Uuid), purpose: Option<String>) -> Result<Message> {
    let conversation = conversations::advance(tx, conversation, 0).await?;
    let mut message = messages::of_conversation(tx, conversation.id, id).await?;
    if message.deleted_at.is_some() {
        return Err(deleted());
    }
    if message.content.purpose != purpose {
        message.content.purpose = purpose;
        messages::save(tx, &message).await?;
        events::message_updated(tx, &message)?;
    }
    show::message(&message)
}

/// What a message is for, as it is kept: nothing of its own is not.
pub(super) fn purpose(word: &str) -> Result<Option<String>> {
    let purpose: Purpose = parse_word("purpose", word)?;
    Ok((purpose != Purpose::General).then(|| purpose.to_string()))
}
