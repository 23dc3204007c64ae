use weft_domain::Result;
use weft_proto::automation::v1::{Agent, GetMyAvailabilityRequest};
use weft_rpc::Accepted;

use crate::{Context, show, store::agents};

/// Shows one's own availability and load.
pub(crate) async fn run(context: &Context, call: Accepted<GetMyAvailabilityRequest>) -> Result<Agent> {
    let user = call.principal.user().uuid();
    let find = |tx| async move {
        let row = agents::find(&tx, user).await?;
        Ok(show::agent(&row.unwrap_or_else(|| agents::new(&tx, user)), context.default_capacity))
    };
    context.store.tenant(call.principal.tenant).read(find).await
}
