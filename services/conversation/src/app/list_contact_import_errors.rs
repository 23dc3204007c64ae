use weft_domain::Result;
use weft_proto::conversation::v1::{ListContactImportErrorsRequest, ListContactImportErrorsResponse};
use weft_rpc::Accepted;
use weft_store::page;

use crate::{Context, lookup, show, store::contact_files};

/// Lists the rows that could not be taken, in their order.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<ListContactImportErrorsRequest>,
) -> Result<ListContactImportErrorsResponse> {
    let id = lookup::import(&call.message.id)?;
    let size = page::size(call.message.page_size)?;
    let after: Option<i64> = page::decode(&call.message.page_token)?;
    let list = |tx| async move {
        contact_files::import(&tx, id).await?;
        let rows = contact_files::errors(&tx, id, after, size).await?;
        let (rows, next_page_token) = page::cut(rows, size, |row| row.row_number)?;
        let items = rows.iter().map(show::contact_import_error).collect();
        Ok(ListContactImportErrorsResponse { items, next_page_token })
    };
    context.store.tenant(call.principal.tenant).read(list).await
}
