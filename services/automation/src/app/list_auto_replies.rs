use uuid::Uuid;
use weft_domain::Result;
use weft_proto::automation::v1::{ListAutoRepliesRequest, ListAutoRepliesResponse};
use weft_rpc::Accepted;
use weft_store::page;

use crate::{Context, show, store::auto_replies};

/// Lists automatic replies.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<ListAutoRepliesRequest>,
) -> Result<ListAutoRepliesResponse> {
    let size = page::size(call.message.page_size)?;
    let after: Option<Uuid> = page::decode(&call.message.page_token)?;
    let list = |tx| async move {
        let rows = auto_replies::page(&tx, after, size).await?;
        let (rows, next_page_token) = page::cut(rows, size, |row| row.id)?;
        Ok(ListAutoRepliesResponse { items: rows.iter().map(show::auto_reply).collect(), next_page_token })
    };
    context.store.tenant(call.principal.tenant).read(list).await
}
