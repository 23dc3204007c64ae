use chrono::{DateTime, Utc};
use uuid::Uuid;
use weft_domain::Result;
use weft_proto::conversation::v1::{ListNotificationsRequest, ListNotificationsResponse};
use weft_rpc::Accepted;
use weft_store::page;

use crate::{Context, show, store::notifications};

/// Lists one's own, the newest first, and says how many of all are not read.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<ListNotificationsRequest>,
) -> Result<ListNotificationsResponse> {
    let user = call.principal.user().uuid();
    let unread = call.message.unread == Some(true);
    let size = page::size(call.message.page_size)?;
    let before: Option<(DateTime<Utc>, Uuid)> = page::decode(&call.message.page_token)?;
    let list = |tx| async move {
        let rows = notifications::page(&tx, user, unread, before, size).await?;
        let (rows, next_page_token) = page::cut(rows, size, |row| (row.updated_at, row.id))?;
        let items = rows.iter().map(show::notification).collect::<Result<_>>()?;
        let unread_count = shown(notifications::unread(&tx, user).await?);
        Ok(ListNotificationsResponse { items, next_page_token, unread_count })
    };
    context.store.tenant(call.principal.tenant).read(list).await
}

/// A count as it is shown.
pub(super) fn shown(unread: i64) -> u32 {
    u32::try_from(unread.max(0)).unwrap_or(u32::MAX)
}
