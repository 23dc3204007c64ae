use chrono::{DateTime, Utc};
use uuid::Uuid;
use weft_domain::Result;
use weft_proto::conversation::v1::{ListContactsRequest, ListContactsResponse};
use weft_rpc::Accepted;
use weft_store::page;

use crate::{
    Context, show,
    store::{
        contact_lists::{self, Narrow},
        contacts,
    },
    tags,
};

/// Lists contacts, the newest first.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<ListContactsRequest>,
) -> Result<ListContactsResponse> {
    let size = page::size(call.message.page_size)?;
    let after: Option<(DateTime<Utc>, Uuid)> = page::decode(&call.message.page_token)?;
    let narrow = &Narrow {
        tag: call.message.tag.as_deref().map(|tag| tags::read(tag, "tag")).transpose()?,
        blocked: call.message.blocked,
    };
    let list = |tx| async move {
        let rows = contact_lists::page(&tx, narrow, after, size).await?;
        let (rows, next_page_token) = page::cut(rows, size, |row| (row.created_at, row.id))?;
        let identities = contacts::identities(&tx, rows.iter().map(|row| row.id).collect()).await?;
        Ok(ListContactsResponse {
            items: rows.iter().map(|row| show::contact(row, &identities)).collect(),
            next_page_token,
        })
    };
    context.store.tenant(call.principal.tenant).read(list).await
}
