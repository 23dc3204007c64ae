use chrono::{DateTime, Utc};
use uuid::Uuid;
use weft_domain::Result;
use weft_proto::conversation::v1::{ListContactNotesRequest, ListContactNotesResponse};
use weft_rpc::Accepted;
use weft_store::page;

use crate::{
    Context, lookup, show,
    store::{contact_notes, contacts},
};

/// Lists notes on a contact, the newest first.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<ListContactNotesRequest>,
) -> Result<ListContactNotesResponse> {
    let contact = lookup::contact(&call.message.contact_id)?;
    let size = page::size(call.message.page_size)?;
    let before: Option<(DateTime<Utc>, Uuid)> = page::decode(&call.message.page_token)?;
    let list = |tx| async move {
        contacts::get(&tx, contact).await?;
        let rows = contact_notes::page(&tx, contact, before, size).await?;
        let (rows, next_page_token) = page::cut(rows, size, |row| (row.created_at, row.id))?;
        let items = rows.iter().map(show::contact_note).collect::<Result<_>>()?;
        Ok(ListContactNotesResponse { items, next_page_token })
    };
    context.store.tenant(call.principal.tenant).read(list).await
}
