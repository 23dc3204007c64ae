use uuid::Uuid;
use weft_domain::{Result, conversation::Mark, parse_word};
use weft_proto::{
    conversation::v1::{Conversation, MarkConversationRequest, UnmarkConversationRequest, conversation},
    events::v1::MarkUpdated,
};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use crate::{
    Context, lookup, show,
    store::{conversations, marks},
};

/// What is asked for.
#[derive(Clone, Copy)]
struct Wanted {
    conversation: Uuid,
    user: Uuid,
    mark: Mark,
    removed: bool,
}

/// Puts a mark of one's own on a conversation.
pub(crate) async fn put(
    context: &Context,
    call: Accepted<MarkConversationRequest>,
) -> Result<Once<Conversation>> {
    let wanted = Wanted {
        conversation: lookup::conversation(&call.message.id)?,
        user: call.principal.user().uuid(),
        mark: parse_word("mark", &call.message.mark)?,
        removed: false,
    };
    let scope = context.store.tenant(call.principal.tenant);
    scope.write_once(&call.intent, |tx| async move { apply(&tx, wanted).await }).await
}

/// Takes a mark of one's own off a conversation.
pub(crate) async fn take(
    context: &Context,
    call: Accepted<UnmarkConversationRequest>,
) -> Result<Once<Conversation>> {
    let wanted = Wanted {
        conversation: lookup::conversation(&call.message.id)?,
        user: call.principal.user().uuid(),
        mark: parse_word("mark", &call.message.mark)?,
        removed: true,
    };
    let scope = context.store.tenant(call.principal.tenant);
    scope.write_once(&call.intent, |tx| async move { apply(&tx, wanted).await }).await
}

async fn apply(tx: &Tx, wanted: Wanted) -> Result<Conversation> {
    let Wanted { conversation, user, mark, removed } = wanted;
    let row = conversations::get(tx, conversation).await?;
    let changed = if removed {
        marks::take(tx, user, conversation, mark).await?
    } else {
        marks::put(tx, user, conversation, mark).await?
    };
    if changed {
        let conversation_id = show::conversation_id(conversation);
        let event = MarkUpdated {
            conversation_id: conversation_id.clone(),
            user_id: show::user_id(user),
            mark: conversation::Mark::from(mark).into(),
            removed,
        };
        tx.emit_event(&conversation_id, &event)?;
    }
    show::conversation_for(tx, &row, user).await
}
