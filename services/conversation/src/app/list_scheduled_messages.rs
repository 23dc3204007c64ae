use chrono::{DateTime, Utc};
use uuid::Uuid;
use weft_domain::Result;
use weft_proto::conversation::v1::{ListScheduledMessagesRequest, ListScheduledMessagesResponse};
use weft_rpc::Accepted;
use weft_store::page;

use crate::{
    Context, lookup,
    show::{self, ScheduledState},
    store::{conversations, scheduled},
};

/// Lists what waits or failed in a conversation, the next one first.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<ListScheduledMessagesRequest>,
) -> Result<ListScheduledMessagesResponse> {
    let id = lookup::conversation(&call.message.conversation_id)?;
    let size = page::size(call.message.page_size)?;
    let after: Option<(DateTime<Utc>, Uuid)> = page::decode(&call.message.page_token)?;
    let list = |tx| async move {
        conversations::get(&tx, id).await?;
        let rows = scheduled::page(&tx, id, after, size).await?;
        let (rows, next_page_token) = page::cut(rows, size, |row| (row.send_at, row.id))?;
        let items = rows.iter().map(|row| show::scheduled(row, &ScheduledState::of(row)));
        Ok(ListScheduledMessagesResponse { items: items.collect::<Result<_>>()?, next_page_token })
    };
    context.store.tenant(call.principal.tenant).read(list).await
}
