use uuid::Uuid;
use weft_auth::Principal;
use weft_domain::{Error, Result, delivery::State, id};
use weft_proto::{
    conversation::v1::{DeleteMessageRequest, Message},
    events::v1::MessageHidden,
};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use crate::{
    Context,
    change::{self, What},
    deliver, events, lookup,
    notify::Notices,
    show,
    store::{content::Content, conversations, kinds::Kinds, messages, notifications},
};

/// Takes a message back for everyone, or puts it out of one's own sight.
pub(crate) async fn run(context: &Context, call: Accepted<DeleteMessageRequest>) -> Result<Once<Message>> {
    let request = &call.message;
    let conversation = lookup::conversation(&request.conversation_id)?;
    let id = lookup::message(&request.id)?;
    let principal = &call.principal;
    let scope = context.store.tenant(principal.tenant);
    match request.scope.as_str() {
        "" | "everyone" => {
            let kinds = &*context.kinds.all().await?;
            let delete = |tx| async move { for_everyone(&tx, (conversation, id), principal, kinds).await };
            scope.write_once(&call.intent, delete).await
        }
        "me" => {
            let user = principal.user().uuid();
            scope
                .write_once(&call.intent, |tx| async move { for_me(&tx, (conversation, id), user).await })
                .await
        }
        _ => Err(Error::invalid_field("scope", "`scope` must be `everyone` or `me`")),
    }
}

async fn for_everyone(
    tx: &Tx,
    (conversation, id): (Uuid, Uuid),
    principal: &Principal,
    kinds: &Kinds,
) -> Result<Message> {
    let mut conversation = conversations::advance(tx, conversation, 0).await?;
    let mut message = messages::of_conversation(tx, conversation.id, id).await?;
    if !change::is_own(&message, principal.user().uuid()) {
        principal.require("message.moderate")?;
    }
    if message.deleted_at.is_some() {
        return show::message(&message);
    }
    let is_held = change::can_be_held(&conversation, &message);
    message.deleted_at = Some(tx.now());
    message.text = String::new();
    message.content.replace_by(Content::default());
    message.content.reactions = Vec::new();
    notifications::forget_words(tx, message.id).await?;
    message.content.copy = change::carry(tx, &conversation, &mut message, &What::Delete, kinds).await?;
    if is_held {
        deliver::end(tx, &mut message, State::Failed, Some(deliver::TAKEN_BACK.to_owned())).await?;
        let mut notices = Notices::default();
        deliver::finish(tx, &mut conversation, &message, &mut notices).await?;
        notices.write(tx).await?;
    } else {
        messages::save(tx, &message).await?;
        events::message_updated(tx, &message)?;
    }
    show::message(&message)
}

async fn for_me(tx: &Tx, (conversation, id): (Uuid, Uuid), user: Uuid) -> Result<Message> {
    let message = messages::of_conversation(tx, conversation, id).await?;
    if messages::hide(tx, user, message.id).await? {
        let conversation_id = show::conversation_id(message.conversation_id);
        let hidden = MessageHidden {
            conversation_id: conversation_id.clone(),
            message_id: show::message_id(message.id),
            user_id: id::from_uuid::<id::User>(user).to_string(),
        };
        tx.emit_event(&conversation_id, &hidden)?;
    }
    show::message(&message)
}
