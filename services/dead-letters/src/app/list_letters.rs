use chrono::{DateTime, Utc};
use uuid::Uuid;
use weft_domain::Result;
use weft_proto::{
    convert::time,
    dead_letters::v1::{ListDeadLettersRequest, ListDeadLettersResponse},
};
use weft_rpc::Accepted;
use weft_store::page;

use crate::{
    desk::Desk,
    show,
    store::{
        letters::{self, Filter},
        state,
    },
};

/// Lists letters, the latest given up first, without what they hold of people.
pub(crate) async fn run(
    desk: &Desk,
    call: Accepted<ListDeadLettersRequest>,
) -> Result<ListDeadLettersResponse> {
    let request = &call.message;
    let size = page::size(request.page_size)?;
    let before: Option<(DateTime<Utc>, Uuid)> = page::decode(&request.page_token)?;
    let filter = &Filter {
        state: request.state.as_deref().filter(|text| !text.is_empty()).map(state::asked).transpose()?,
        source: request.source.as_deref(),
        reason: request.reason.as_deref(),
        since: request.since.as_ref().and_then(time),
        until: request.until.as_ref().and_then(time),
        replayable: false,
    };
    let Some(scope) = desk.scope(&call.principal, request.tenant.as_deref())? else {
        return Ok(ListDeadLettersResponse::default());
    };
    let list = |tx| async move { letters::latest(&tx, filter, before, size + 1).await };
    let (rows, next_page_token) = page::cut(scope.read(list).await?, size, |row| (row.last_at, row.id))?;
    Ok(ListDeadLettersResponse {
        items: rows.iter().map(show::letter).collect::<Result<_>>()?,
        next_page_token,
    })
}
