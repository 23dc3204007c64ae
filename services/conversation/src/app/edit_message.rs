use chrono::TimeDelta;
use uuid::Uuid;
use weft_domain::{Error, ErrorCode, Result};
use weft_proto::{
    AsJson,
    conversation::v1::{EditMessageRequest, Message, RichText},
};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use super::rich_words;
use crate::{
    Context,
    change::{self, What},
    events, lookup, show,
    store::{conversations, entity::message, kinds::Kinds, messages, notifications},
};

/// How long one may change one's own words (B5).
const EDITABLE: TimeDelta = TimeDelta::minutes(5);

/// Changes the words of one's own message.
pub(crate) async fn run(context: &Context, call: Accepted<EditMessageRequest>) -> Result<Once<Message>> {
    let request = &call.message;
    let conversation = lookup::conversation(&request.conversation_id)?;
    let id = lookup::message(&request.id)?;
    let user = call.principal.user().uuid();
    let words = &rich_words::run(&request.text, request.rich.as_ref(), request.html.as_deref())?;
    let kinds = &*context.kinds.all().await?;
    let scope = context.store.tenant(call.principal.tenant);
    scope
        .write_once(
            &call.intent,
            |tx| async move { apply(&tx, (conversation, id), user, words, kinds).await },
        )
        .await
}

async fn apply(
    tx: &Tx,
    (conversation, id): (Uuid, Uuid),
    user: Uuid,
    (text, rich): &(String, Option<RichText>),
    kinds: &Kinds,
) -> Result<Message> {
    let conversation = conversations::advance(tx, conversation, 0).await?;
    let mut message = messages::of_conversation(tx, conversation.id, id).await?;
    check(tx, &message, user, text)?;
    let looks = rich.clone().map(AsJson);
    if message.text == *text && message.content.rich == looks {
        return show::message(&message);
    }
    text.clone_into(&mut message.text);
    message.content.rich = looks;
    message.edited_at = Some(tx.now());
    message.content.copy = change::carry(tx, &conversation, &mut message, &What::Edit, kinds).await?;
    messages::save(tx, &message).await?;
    notifications::set_words(tx, message.id, &message.text).await?;
    events::message_updated(tx, &message)?;
    show::message(&message)
}

fn check(tx: &Tx, message: &message::Model, user: Uuid, text: &str) -> Result<()> {
    if !change::is_own(message, user) {
        let words = "only who wrote a message can change it";
        return Err(Error::new(ErrorCode::Forbidden, "not_the_author", words));
    }
    if message.deleted_at.is_some() {
        return Err(deleted());
    }
    if message.content.template.is_some() || message.content.products.is_some() {
        let words = "a template or a list of products goes as it is; delete it and send another one";
        return Err(Error::precondition("not_editable", words));
    }
    if tx.now() - message.created_at > EDITABLE {
        let words = format!(
            "a message can be changed for {} minutes; write another one, or delete it",
            EDITABLE.num_minutes()
        );
        return Err(Error::precondition("edit_too_late", words));
    }
    let has_more = !message.content.attachments.is_empty()
        || message.content.location.is_some()
        || message.content.contact_card.is_some();
    if text.trim().is_empty() && !has_more {
        return Err(Error::invalid_field("text", "say what it is to say; to take it back, delete it"));
    }
    Ok(())
}

/// What is said where somebody would change or pass on what is gone.
pub(super) fn deleted() -> Error {
    Error::precondition("message_deleted", "this message was deleted; there is nothing left of it")
}
