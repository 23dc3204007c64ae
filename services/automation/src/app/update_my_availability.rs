use weft_domain::Result;
use weft_proto::automation::v1::{Agent, UpdateMyAvailabilityRequest};
use weft_rpc::Accepted;
use weft_store::Once;

use super::change_availability;
use crate::{Context, availability::Change, desk::Desk, store::agents};

/// Changes one's own availability.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<UpdateMyAvailabilityRequest>,
) -> Result<Once<Agent>> {
    let request = call.message;
    let change = &Change::read(request.status.as_deref(), request.capacity, request.note)?;
    let (user, role) = (call.principal.user().uuid(), call.principal.role);
    let usual = context.default_capacity;
    let apply = |tx| async move {
        let desk = Desk::open(tx, usual).await?;
        let mut row = agents::find(&desk.tx, user).await?.unwrap_or_else(|| agents::new(&desk.tx, user));
        // The directory may not have told us yet; who calls has been verified.
        if row.role.is_empty() {
            row.role = role.to_string();
            agents::save(&desk.tx, vec![row.clone()]).await?;
        }
        change_availability::run(desk, row, change, usual).await
    };
    let scope = context.store.tenant(call.principal.tenant);
    let answer = scope.write_once(&call.intent, apply).await?;
    context.decided.notify_one();
    Ok(answer)
}
