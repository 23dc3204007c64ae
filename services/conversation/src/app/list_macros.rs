use uuid::Uuid;
use weft_domain::Result;
use weft_proto::conversation::v1::{ListMacrosRequest, ListMacrosResponse};
use weft_rpc::Accepted;
use weft_store::page;

use crate::{Context, show, store::macros};

/// Lists the macros one may run, by their names.
pub(crate) async fn run(context: &Context, call: Accepted<ListMacrosRequest>) -> Result<ListMacrosResponse> {
    let user = call.principal.user().uuid();
    let size = page::size(call.message.page_size)?;
    let after: Option<(String, Uuid)> = page::decode(&call.message.page_token)?;
    let list = |tx| async move {
        let rows = macros::page(&tx, user, after, size).await?;
        let (rows, next_page_token) = page::cut(rows, size, |row| (row.name_key.clone(), row.id))?;
        Ok(ListMacrosResponse { items: rows.iter().map(show::saved_macro).collect(), next_page_token })
    };
    context.store.tenant(call.principal.tenant).read(list).await
}
