use chrono::{DateTime, Utc};
use uuid::Uuid;
use weft_domain::Result;
use weft_proto::conversation::v1::{ListMergeSuggestionsRequest, ListMergeSuggestionsResponse};
use weft_rpc::Accepted;
use weft_store::page;

use crate::{Context, lookup, show::suggestions as shown, store::suggestions};

/// Lists pairs of contacts who may be one person, the newest first.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<ListMergeSuggestionsRequest>,
) -> Result<ListMergeSuggestionsResponse> {
    let size = page::size(call.message.page_size)?;
    let contact = call.message.contact.as_deref().map(lookup::contact).transpose()?;
    let after: Option<(DateTime<Utc>, Uuid)> = page::decode(&call.message.page_token)?;
    let list = |tx| async move {
        let rows = suggestions::page(&tx, contact, after, size).await?;
        let (rows, next_page_token) = page::cut(rows, size, |row| (row.created_at, row.id))?;
        Ok(ListMergeSuggestionsResponse { items: shown(&tx, &rows).await?, next_page_token })
    };
    context.store.tenant(call.principal.tenant).read(list).await
}
