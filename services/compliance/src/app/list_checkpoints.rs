use weft_domain::Result;
use weft_proto::compliance::v1::{ListCheckpointsRequest, ListCheckpointsResponse};
use weft_rpc::Accepted;
use weft_store::page;

use crate::{compliance::Compliance, store::checkpoints};

/// Lists the checkpoints in their order.
pub(crate) async fn run(
    compliance: &Compliance,
    call: Accepted<ListCheckpointsRequest>,
) -> Result<ListCheckpointsResponse> {
    let request = &call.message;
    let size = page::size(request.page_size)?;
    let after = page::decode::<u64>(&request.page_token)?.unwrap_or_default();
    let Some(tenant) = compliance.readable(&call.principal, request.tenant.as_deref())? else {
        return Ok(ListCheckpointsResponse::default());
    };
    let scope = compliance.store.tenant(tenant);
    let rows = scope.read(|tx| async move { checkpoints::after(&tx, after, size + 1).await }).await?;
    let (items, next_page_token) = page::cut(rows, size, |checkpoint| checkpoint.size)?;
    Ok(ListCheckpointsResponse { items, next_page_token })
}
