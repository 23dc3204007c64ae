use weft_domain::Result;
use weft_proto::conversation::v1::DeleteMacroRequest;
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use super::update_macro::taken;
use crate::{Context, events, lookup, store::macros};

/// Deletes a macro; what it did stays.
pub(crate) async fn run(context: &Context, call: Accepted<DeleteMacroRequest>) -> Result<Once<()>> {
    let id = lookup::saved_macro(&call.message.id)?;
    let principal = &call.principal;
    let delete = |tx: Tx| async move {
        let row = taken(&tx, id, principal).await?;
        macros::remove(&tx, id).await?;
        events::macro_updated(&tx, &row, true)
    };
    context.store.tenant(principal.tenant).write_once(&call.intent, delete).await
}
