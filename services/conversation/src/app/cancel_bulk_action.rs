use weft_domain::Result;
use weft_proto::conversation::v1::{BulkAction, CancelBulkActionRequest};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use crate::{Context, events, lookup, show, store::bulk_actions};

/// Stops a bulk action; one that has ended stays as it is.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<CancelBulkActionRequest>,
) -> Result<Once<BulkAction>> {
    let id = lookup::bulk_action(&call.message.id)?;
    let cancel = |tx: Tx| async move {
        let seen = bulk_actions::get(&tx, id).await?;
        let mut row = bulk_actions::take(&tx, id).await?.unwrap_or(seen);
        if row.ended_at.is_none() {
            "canceled".clone_into(&mut row.state);
            row.ended_at = Some(tx.now());
            bulk_actions::save(&tx, &row).await?;
            events::bulk_action_updated(&tx, &row)?;
        }
        Ok(show::bulk_action(&row))
    };
    context.store.tenant(call.principal.tenant).write_once(&call.intent, cancel).await
}
