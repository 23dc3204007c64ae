use weft_domain::{Error, Result};
use weft_proto::conversation::v1::{ListMessagesRequest, ListMessagesResponse};
use weft_rpc::Accepted;
use weft_store::page;

use crate::{
    Context, lookup, show,
    store::{conversations, messages},
};

/// Lists messages: back from the newest, or on from `after_seq`.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<ListMessagesRequest>,
) -> Result<ListMessagesResponse> {
    let request = &call.message;
    let id = lookup::conversation(&request.conversation_id)?;
    let size = page::size(request.page_size)?;
    let token: Option<i64> = page::decode(&request.page_token)?;
    let forward = request.after_seq.map(i64::try_from).transpose();
    let forward = forward.map_err(|_| Error::invalid_field("after_seq", "`after_seq` is too large"))?;
    let user = call.principal.user().uuid();
    let list = |tx| async move {
        conversations::get(&tx, id).await?;
        let rows = match forward {
            Some(after) => messages::page_on(&tx, id, user, token.unwrap_or(after), size).await?,
            None => messages::page_back(&tx, id, user, token, size).await?,
        };
        let (rows, next_page_token) = page::cut(rows, size, |row| row.seq)?;
        Ok(ListMessagesResponse {
            items: rows.iter().map(show::message).collect::<Result<_>>()?,
            next_page_token,
        })
    };
    context.store.tenant(call.principal.tenant).read(list).await
}
