//! Conversations that were put away until now open again.

use uuid::Uuid;
use weft_domain::{Result, conversation::Status, id};
use weft_store::{Purpose, Tx};

use crate::{Context, events, show::Surroundings, store::conversations};

const AT_ONCE: u64 = 200;

/// Opens what is due. One query when there is nothing.
pub(crate) async fn run(context: &Context) -> Result<()> {
    let system = context.store.system(Purpose::FindLapsed).await?;
    let due = conversations::due(&system, context.store.clock().now(), AT_ONCE).await?;
    drop(system);
    for one in due {
        let scope = context.store.tenant(id::from_uuid(one.tenant_id));
        scope.write(|tx| async move { wake(&tx, one.id).await }).await?;
    }
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
    events::conversation_updated(tx, &row, &surroundings)
}
