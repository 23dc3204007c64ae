use weft_domain::{Result, id};
use weft_proto::automation::v1::{GetStaffingRequest, GetStaffingResponse};

use crate::{Context, availability::Status, store::agents};

/// Counts who may be given conversations, and who will be back soon.
pub(crate) async fn run(context: &Context, request: GetStaffingRequest) -> Result<GetStaffingResponse> {
    let tenant = id::parse::<id::Tenant>("tenant_id", &request.tenant_id)?;
    let count = |tx| async move {
        Ok(GetStaffingResponse {
            available: agents::count(&tx, Status::Available).await?,
            away: agents::count(&tx, Status::Away).await?,
        })
    };
    context.store.tenant(tenant).read(count).await
}
