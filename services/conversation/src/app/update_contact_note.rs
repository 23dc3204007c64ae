use weft_auth::Principal;
use weft_domain::Result;
use weft_proto::conversation::v1::{ContactNote, UpdateContactNoteRequest};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use crate::{
    Context, events, lookup, show,
    store::{contact_notes, entity::contact_note},
};

/// Changes a note.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<UpdateContactNoteRequest>,
) -> Result<Once<ContactNote>> {
    let request = &call.message;
    let (contact, id) = (lookup::contact(&request.contact_id)?, lookup::note(&request.id)?);
    let text = request.text.trim();
    let principal = &call.principal;
    let update = |tx: Tx| async move {
        let mut row = contact_notes::take(&tx, contact, id).await?;
        may_change(principal, &row)?;
        if row.text != text {
            text.clone_into(&mut row.text);
            row.edited_at = Some(tx.now());
            contact_notes::save(&tx, &row).await?;
            events::contact_note_updated(&tx, &row, false)?;
        }
        show::contact_note(&row)
    };
    context.store.tenant(principal.tenant).write_once(&call.intent, update).await
}

/// One changes and deletes what one wrote oneself; what others wrote, whoever may delete their messages.
pub(super) fn may_change(principal: &Principal, row: &contact_note::Model) -> Result<()> {
    if row.user_id == principal.user().uuid() { Ok(()) } else { principal.require("message.moderate") }
}
