use weft_domain::Result;
use weft_proto::automation::v1::{AssignmentSettings, UpdateAssignmentSettingsRequest};
use weft_rpc::Accepted;
use weft_store::Once;

use crate::{Context, desk::Desk, store::settings};

/// Changes how conversations are assigned. What was decided before is carried out either way.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<UpdateAssignmentSettingsRequest>,
) -> Result<Once<AssignmentSettings>> {
    let (wanted, usual) = (call.message.enabled, context.default_capacity);
    let apply = |tx| async move {
        let mut desk = Desk::open(tx, usual).await?;
        if let Some(enabled) = wanted {
            desk.set_enabled(enabled).await?;
        }
        let enabled = settings::enabled(&desk.tx).await?;
        desk.close().await?;
        Ok(AssignmentSettings { enabled })
    };
    let scope = context.store.tenant(call.principal.tenant);
    let answer = scope.write_once(&call.intent, apply).await?;
    context.decided.notify_one();
    Ok(answer)
}
