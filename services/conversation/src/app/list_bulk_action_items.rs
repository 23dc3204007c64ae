use weft_domain::{Result, parse_word};
use weft_proto::conversation::v1::{ListBulkActionItemsRequest, ListBulkActionItemsResponse};
use weft_rpc::Accepted;
use weft_store::page;

use crate::{Context, lookup, show, store::bulk_actions};

/// How far one conversation of an action is.
#[derive(Clone, Copy, strum::Display, strum::EnumString, strum::VariantNames)]
#[strum(serialize_all = "snake_case")]
enum State {
    Waiting,
    Done,
    Failed,
}

/// Lists what became of each conversation.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<ListBulkActionItemsRequest>,
) -> Result<ListBulkActionItemsResponse> {
    let id = lookup::bulk_action(&call.message.id)?;
    let state: Option<State> =
        call.message.state.as_deref().map(|word| parse_word("state", word)).transpose()?;
    let state = state.map(|state| state.to_string());
    let size = page::size(call.message.page_size)?;
    let after: Option<i32> = page::decode(&call.message.page_token)?;
    let list = |tx| async move {
        bulk_actions::get(&tx, id).await?;
        let rows = bulk_actions::items(&tx, id, state.as_deref(), after, size).await?;
        let (rows, next_page_token) = page::cut(rows, size, |row| row.position)?;
        Ok(ListBulkActionItemsResponse {
            items: rows.iter().map(show::bulk_action_item).collect(),
            next_page_token,
        })
    };
    context.store.tenant(call.principal.tenant).read(list).await
}
