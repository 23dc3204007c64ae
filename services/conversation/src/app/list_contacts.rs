use chrono::{DateTime, Utc};
use uuid::Uuid;
use weft_domain::Result;
use weft_proto::conversation::v1::{ListContactsRequest, ListContactsResponse};
use weft_rpc::Accepted;
use weft_store::page;

use crate::{Context, show, store::contacts};

/// Lists contacts, the newest first.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<ListContactsRequest>,
) -> Result<ListContactsResponse> {
    let size = page::size(call.message.page_size)?;
    let after: Option<(DateTime<Utc>, Uuid)> = page::decode(&call.message.page_token)?;
    let list = |tx| async move {
        let rows = contacts::page(&tx, after, size).await?;
        let (rows, next_page_token) = page::cut(rows, size, |row| (row.created_at, row.id))?;
        let identities = contacts::identities(&tx, rows.iter().map(|row| row.id).collect()).await?;
        Ok(ListContactsResponse {
            items: rows.iter().map(|row| show::contact(row, &identities)).collect(),
            next_page_token,
        })
    };
    context.store.tenant(call.principal.tenant).read(list).await
}
