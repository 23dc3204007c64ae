use weft_domain::Result;
use weft_proto::conversation::v1::{CancelContactImportRequest, ContactImport};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use crate::{Context, events, lookup, show, store::contact_files};

/// Stops an import; one that has ended stays as it is.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<CancelContactImportRequest>,
) -> Result<Once<ContactImport>> {
    let id = lookup::import(&call.message.id)?;
    let cancel = |tx: Tx| async move {
        let seen = contact_files::import(&tx, id).await?;
        let mut row = contact_files::take_import(&tx, id).await?.unwrap_or(seen);
        if row.ended_at.is_none() {
            "canceled".clone_into(&mut row.state);
            row.ended_at = Some(tx.now());
            contact_files::save_import(&tx, &row).await?;
            events::contact_import_updated(&tx, &row)?;
        }
        Ok(show::contact_import(&row))
    };
    context.store.tenant(call.principal.tenant).write_once(&call.intent, cancel).await
}
