use uuid::Uuid;
use weft_auth::Principal;
use weft_domain::Result;
use weft_proto::conversation::v1::{CancelScheduledMessageRequest, ScheduledMessage};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use super::update_scheduled_message::taken;
use crate::{
    Context, events, lookup,
    show::{self, ScheduledState},
    store::scheduled,
};

/// Keeps a scheduled message from going.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<CancelScheduledMessageRequest>,
) -> Result<Once<ScheduledMessage>> {
    let conversation = lookup::conversation(&call.message.conversation_id)?;
    let id = lookup::scheduled(&call.message.id)?;
    let principal = &call.principal;
    let scope = context.store.tenant(principal.tenant);
    scope.write_once(&call.intent, |tx| async move { apply(&tx, (conversation, id), principal).await }).await
}

async fn apply(tx: &Tx, which: (Uuid, Uuid), principal: &Principal) -> Result<ScheduledMessage> {
    let row = taken(tx, which, principal).await?;
    scheduled::remove(tx, row.id).await?;
    let shown = show::scheduled(&row, &ScheduledState::Canceled)?;
    events::scheduled_message_updated(tx, &shown)?;
    Ok(shown)
}
