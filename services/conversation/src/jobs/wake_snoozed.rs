//! Conversations that were put away until now open again.

use uuid::Uuid;
use weft_domain::{Result, conversation::Status, id};
use weft_store::Tx;

use super::each;
use crate::{
    Context, events,
    notify::Notices,
    show::{self, Surroundings},
    store::{conversations, due},
};

/// Opens what is due. One query when there is nothing.
pub(crate) async fn run(context: &Context) -> Result<()> {
    let found = due::find(&context.store, due::SNOOZED).await?;
    let whose = |one: &due::Due| (one.tenant_id, show::conversation_id(one.id));
    let wake = |one: due::Due| async move {
        let scope = context.store.tenant(id::from_uuid(one.tenant_id));
        scope.write(|tx| async move { wake(&tx, one.id).await }).await
    };
    each("wake snoozed conversations", found, whose, wake).await;
    Ok(())
}

async fn wake(tx: &Tx, id: Uuid) -> Result<()> {
    let mut row = conversations::advance(tx, id, 0).await?;
    // Somebody may have put it away for longer meanwhile.
    if row.snoozed_until.is_none_or(|until| until > tx.now()) {
        return Ok(());
    }
    row.become_status(Status::Open);
    row.active_at = tx.now();
    row.updated_at = tx.now();
    conversations::save(tx, &row).await?;
    let surroundings = Surroundings::load(tx, std::slice::from_ref(&row)).await?;
    events::conversation_updated(tx, &row, &surroundings)?;
    let mut notices = Notices::default();
    notices.woke(&row);
    notices.write(tx).await
}
