use uuid::Uuid;
use weft_domain::Result;
use weft_proto::automation::v1::{ListAgentsRequest, ListAgentsResponse};
use weft_rpc::Accepted;
use weft_store::page;

use crate::{Context, show, store::agents};

/// Lists the people who may sign in, with availability and load.
pub(crate) async fn run(context: &Context, call: Accepted<ListAgentsRequest>) -> Result<ListAgentsResponse> {
    let size = page::size(call.message.page_size)?;
    let after: Option<Uuid> = page::decode(&call.message.page_token)?;
    let list = |tx| async move {
        let (rows, next_page_token) = page::cut(agents::page(&tx, after, size).await?, size, |row| row.id)?;
        let items = rows.iter().map(|row| show::agent(row, context.default_capacity)).collect();
        Ok(ListAgentsResponse { items, next_page_token })
    };
    context.store.tenant(call.principal.tenant).read(list).await
}
