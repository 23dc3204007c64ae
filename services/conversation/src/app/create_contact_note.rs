use uuid::Uuid;
use weft_domain::Result;
use weft_proto::conversation::v1::{ContactNote, CreateContactNoteRequest};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use super::update_contact::merged;
use crate::{
    Context,
    actor::Writer,
    events, lookup, show,
    store::{contact_notes, contacts, entity::contact_note, people},
};

/// Writes a note on a contact.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<CreateContactNoteRequest>,
) -> Result<Once<ContactNote>> {
    let contact = lookup::contact(&call.message.contact_id)?;
    let text = call.message.text.trim();
    let writer = Writer::of(&call.principal);
    let create = |tx: Tx| async move {
        // its turn, so that a merge takes every note along
        if let Some(kept) = contacts::take(&tx, contact).await?.merged_into {
            return Err(merged(kept));
        }
        let author_name = people::person(&tx, writer.user).await?.map(|person| person.name);
        let row = contact_note::Model {
            tenant_id: tx.tenant().uuid(),
            id: Uuid::now_v7(),
            contact_id: contact,
            user_id: writer.user,
            author_kind: writer.kind.to_string(),
            author_name: author_name.unwrap_or_default(),
            text: text.to_owned(),
            created_at: tx.now(),
            edited_at: None,
        };
        contact_notes::insert(&tx, &row).await?;
        events::contact_note_updated(&tx, &row, false)?;
        show::contact_note(&row)
    };
    context.store.tenant(call.principal.tenant).write_once(&call.intent, create).await
}
