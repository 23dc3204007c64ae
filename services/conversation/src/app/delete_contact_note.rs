use weft_domain::Result;
use weft_proto::conversation::v1::{ContactNote, DeleteContactNoteRequest};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use super::update_contact_note::may_change;
use crate::{Context, events, lookup, show, store::contact_notes};

/// Deletes a note, and shows it a last time.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<DeleteContactNoteRequest>,
) -> Result<Once<ContactNote>> {
    let request = &call.message;
    let (contact, id) = (lookup::contact(&request.contact_id)?, lookup::note(&request.id)?);
    let principal = &call.principal;
    let delete = |tx: Tx| async move {
        let row = contact_notes::take(&tx, contact, id).await?;
        may_change(principal, &row)?;
        contact_notes::remove(&tx, row.id).await?;
        events::contact_note_updated(&tx, &row, true)?;
        show::contact_note(&row)
    };
    context.store.tenant(principal.tenant).write_once(&call.intent, delete).await
}
