use chrono::{DateTime, Utc};
use uuid::Uuid;
use weft_domain::Result;
use weft_proto::conversation::v1::{ListRegroupingsRequest, ListRegroupingsResponse};
use weft_rpc::Accepted;
use weft_store::page;

use crate::{Context, lookup, show, store::regroupings};

/// Lists merges and splits, the newest first.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<ListRegroupingsRequest>,
) -> Result<ListRegroupingsResponse> {
    let size = page::size(call.message.page_size)?;
    let conversation = call.message.conversation.as_deref().map(lookup::conversation).transpose()?;
    let after: Option<(DateTime<Utc>, Uuid)> = page::decode(&call.message.page_token)?;
    let list = |tx| async move {
        let rows = regroupings::page(&tx, conversation, after, size).await?;
        let (rows, next_page_token) = page::cut(rows, size, |row| (row.created_at, row.id))?;
        Ok(ListRegroupingsResponse { items: show::regroupings(&tx, &rows).await?, next_page_token })
    };
    context.store.tenant(call.principal.tenant).read(list).await
}
