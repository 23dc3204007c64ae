use weft_domain::Result;
use weft_proto::analytics::v1::{GetRebuildRequest, Rebuild};
use weft_rpc::Accepted;

use crate::{Context, rebuild::show, store::rebuilds};

/// Shows how far the last rebuild is, or how it ended.
pub(crate) async fn run(context: &Context, call: Accepted<GetRebuildRequest>) -> Result<Rebuild> {
    let last = |tx| async move { rebuilds::last(&tx).await };
    let last = context.store.tenant(call.principal.tenant).read(last).await?;
    Ok(last.as_ref().map(show).unwrap_or_default())
}
