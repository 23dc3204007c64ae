use chrono::{DateTime, Utc};
use uuid::Uuid;
use weft_auth::Principal;
use weft_domain::{Error, Result, id, parse_word};
use weft_proto::conversation::v1::{ListConversationsRequest, ListConversationsResponse};
use weft_rpc::Accepted;
use weft_store::page;

use crate::{
    Context, show,
    store::conversations::{self, Filter},
};

/// Lists conversations, the latest activity first.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<ListConversationsRequest>,
) -> Result<ListConversationsResponse> {
    let filter = &filter(&call.message, &call.principal)?;
    let size = page::size(call.message.page_size)?;
    let after: Option<(DateTime<Utc>, Uuid)> = page::decode(&call.message.page_token)?;
    let list = |tx| async move {
        let rows = conversations::page(&tx, filter, after, size).await?;
        let (rows, next_page_token) = page::cut(rows, size, |row| (row.active_at, row.id))?;
        let surroundings = show::Surroundings::load(&tx, &rows).await?;
        let items = rows.iter().map(|row| surroundings.conversation(row)).collect::<Result<_>>()?;
        Ok(ListConversationsResponse { items, next_page_token })
    };
    context.store.tenant(call.principal.tenant).read(list).await
}

fn filter(request: &ListConversationsRequest, principal: &Principal) -> Result<Filter> {
    let assignee = match request.assignee.as_deref() {
        None => None,
        Some("none") => Some(None),
        Some("me") => Some(Some(principal.user().uuid())),
        Some(user) => {
            Some(Some(id::parse::<id::User>("assignee", user).map_err(|_| wrong_assignee())?.uuid()))
        }
    };
    Ok(Filter {
        status: request.status.as_deref().map(|word| parse_word("status", word)).transpose()?,
        assignee,
        channel: request
            .channel
            .as_deref()
            .map(|text| id::parse::<id::Channel>("channel", text))
            .transpose()?
            .map(|id| id.uuid()),
        contact: request
            .contact
            .as_deref()
            .map(|text| id::parse::<id::Contact>("contact", text))
            .transpose()?
            .map(|id| id.uuid()),
        unread: request.unread,
    })
}

fn wrong_assignee() -> Error {
    Error::invalid_field("assignee", "`assignee` must be a user's id, `me` or `none`")
}
