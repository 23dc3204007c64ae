use uuid::Uuid;
use weft_domain::Result;
use weft_proto::automation::v1::{ListBusinessHoursRequest, ListBusinessHoursResponse};
use weft_rpc::Accepted;
use weft_store::{Tx, page};

use crate::{Context, show, store::business_hours};

/// Lists hours.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<ListBusinessHoursRequest>,
) -> Result<ListBusinessHoursResponse> {
    let size = page::size(call.message.page_size)?;
    let after: Option<Uuid> = page::decode(&call.message.page_token)?;
    let list = |tx: Tx| async move {
        let rows = business_hours::page(&tx, after, size).await?;
        let (rows, next_page_token) = page::cut(rows, size, |row| row.id)?;
        let items = rows.iter().map(|row| show::hours(row, tx.now())).collect();
        Ok(ListBusinessHoursResponse { items, next_page_token })
    };
    context.store.tenant(call.principal.tenant).read(list).await
}
