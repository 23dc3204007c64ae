use std::collections::HashSet;

use uuid::Uuid;
use weft_domain::Result;
use weft_proto::conversation::v1::{ListHoldersRequest, ListHoldersResponse};
use weft_rpc::Accepted;
use weft_store::page;

use crate::{
    Context, lookup, show,
    store::{conversations, holders, messages, people},
};

/// Lists who had a conversation, the newest first.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<ListHoldersRequest>,
) -> Result<ListHoldersResponse> {
    let id = lookup::conversation(&call.message.id)?;
    let size = page::size(call.message.page_size)?;
    let before: Option<i64> = page::decode(&call.message.page_token)?;
    let list = |tx| async move {
        conversations::get(&tx, id).await?;
        let rows = holders::page(&tx, id, before, size).await?;
        let (rows, next_page_token) = page::cut(rows, size, |row| row.number)?;
        let users: HashSet<Uuid> = rows.iter().filter_map(|row| row.user_id).collect();
        let people = people::people(&tx, users).await?;
        let notes = messages::by_ids(&tx, rows.iter().filter_map(|row| row.note_id).collect()).await?;
        let items = rows.iter().map(|row| show::holder(row, &people, &notes)).collect::<Result<_>>()?;
        Ok(ListHoldersResponse { items, next_page_token })
    };
    context.store.tenant(call.principal.tenant).read(list).await
}
