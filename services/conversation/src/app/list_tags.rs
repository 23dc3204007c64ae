use weft_domain::Result;
use weft_proto::conversation::v1::{ListTagsRequest, ListTagsResponse};
use weft_rpc::Accepted;
use weft_store::page;

use crate::{Context, show, store::tags};

/// Lists tags that are in use, the most used first.
pub(crate) async fn run(context: &Context, call: Accepted<ListTagsRequest>) -> Result<ListTagsResponse> {
    let size = page::size(call.message.page_size)?;
    let after: Option<(i64, String)> = page::decode(&call.message.page_token)?;
    let prefix = call.message.prefix.as_ref().map(|prefix| prefix.trim_start().to_lowercase());
    let list = |tx| async move {
        let rows =
            tags::page(&tx, prefix.as_deref().filter(|prefix| !prefix.is_empty()), after, size).await?;
        let (rows, next_page_token) = page::cut(rows, size, |row| (row.uses, row.name.clone()))?;
        Ok(ListTagsResponse { items: rows.into_iter().map(show::tag).collect(), next_page_token })
    };
    context.store.tenant(call.principal.tenant).read(list).await
}
