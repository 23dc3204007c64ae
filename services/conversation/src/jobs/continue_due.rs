//! Deferred attempts that are due go out again; leases that lapsed end in "unclear" or a new attempt, never in silence (OUT-9);
//! what was not delivered in time goes over another channel.

use uuid::Uuid;
use weft_domain::{Result, delivery::State, id};
use weft_store::Tx;

use super::each;
use crate::{
    Context, deliver, follow_up, intake,
    notify::Notices,
    show,
    store::{due, kinds::Kinds, messages},
};

/// Continues every message whose time has come. One query when there is none.
pub(crate) async fn run(context: &Context) -> Result<()> {
    let found = due::find(&context.store, due::MESSAGES).await?;
    if found.is_empty() {
        return Ok(());
    }
    let kinds = &context.kinds.all().await?;
    let whose = |one: &due::Due| (one.tenant_id, show::message_id(one.id));
    let go_on = |one: due::Due| async move {
        let scope = context.store.tenant(id::from_uuid(one.tenant_id));
        scope.write(|tx| async move { Box::pin(continue_one(&tx, one.id, kinds)).await }).await
    };
    each("continue due messages", found, whose, go_on).await;
    Ok(())
}

async fn continue_one(tx: &Tx, id: Uuid, kinds: &Kinds) -> Result<()> {
    let (mut conversation, mut message) = deliver::take(tx, id).await?;
    // Another replica may have been here first.
    if message.due_at.is_none_or(|due| due > tx.now()) {
        return Ok(());
    }
    let mut notices = Notices::default();
    match show::stored::<State>(&message.state)? {
        State::Queued => {
            message.due_at = None;
            message.state_reason = None;
            deliver::go_on(tx, &mut conversation, &message, &mut notices).await?;
        }
        State::Sending => intake::lapse(tx, &mut conversation, message, &mut notices).await?,
        State::Sent => follow_up::run(tx, &mut conversation, message, kinds, &mut notices).await?,
        _ => {
            message.due_at = None;
            messages::save(tx, &message).await?;
            deliver::finish(tx, &mut conversation, &message, &mut notices).await?;
        }
    }
    notices.write(tx).await
}
