use weft_domain::Result;
use weft_proto::conversation::v1::DeleteViewRequest;
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use super::update_view::taken;
use crate::{Context, events, lookup, show, store::views};

/// Deletes a view; what was in it stays as it is.
pub(crate) async fn run(context: &Context, call: Accepted<DeleteViewRequest>) -> Result<Once<()>> {
    let id = lookup::view(&call.message.id)?;
    let principal = &call.principal;
    let delete = |tx: Tx| async move {
        let row = taken(&tx, id, principal).await?;
        views::remove(&tx, id).await?;
        views::drop_set(&tx, row.set_id).await?;
        events::view_updated(&tx, &row, &show::view(&row, None), true).await
    };
    context.store.tenant(principal.tenant).write_once(&call.intent, delete).await
}
