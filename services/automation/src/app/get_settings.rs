use weft_domain::Result;
use weft_proto::automation::v1::{AssignmentSettings, GetAssignmentSettingsRequest};
use weft_rpc::Accepted;

use crate::{Context, store::settings};

/// Shows how conversations are assigned.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<GetAssignmentSettingsRequest>,
) -> Result<AssignmentSettings> {
    let find = |tx| async move { Ok(AssignmentSettings { enabled: settings::enabled(&tx).await? }) };
    context.store.tenant(call.principal.tenant).read(find).await
}
