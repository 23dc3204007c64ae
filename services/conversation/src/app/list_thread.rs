use weft_domain::{Result, id};
use weft_proto::conversation::v1::{ListThreadRequest, ListThreadResponse};
use weft_store::page;

use crate::{
    Context, show,
    store::{conversations, messages},
};

/// Lists a thread's messages as its contact may see them: no notes of ours among them.
pub(crate) async fn run(context: &Context, request: ListThreadRequest) -> Result<ListThreadResponse> {
    let tenant = id::parse::<id::Tenant>("tenant_id", &request.tenant_id)?;
    let channel = id::parse::<id::Channel>("channel_id", &request.channel_id)?.uuid();
    let thread = request.thread_id.as_str();
    let size = page::size(request.limit)?;
    let after = i64::try_from(request.after_seq).unwrap_or(i64::MAX);
    let list = |tx| async move {
        let Some(conversation) = conversations::newest_of_thread(&tx, channel, thread).await? else {
            return Ok(ListThreadResponse::default());
        };
        let rows = messages::page_of_contact(&tx, conversation.id, channel, after, size).await?;
        let (rows, next_page_token) = page::cut(rows, size, |row| row.seq)?;
        Ok(ListThreadResponse {
            items: rows.iter().map(show::message).collect::<Result<_>>()?,
            next_page_token,
            read_seq: u64::try_from(conversation.read_seq).unwrap_or_default(),
        })
    };
    context.store.tenant(tenant).read(list).await
}
