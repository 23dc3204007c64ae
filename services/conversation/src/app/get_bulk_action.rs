use weft_domain::Result;
use weft_proto::conversation::v1::{BulkAction, GetBulkActionRequest};
use weft_rpc::Accepted;

use crate::{Context, lookup, show, store::bulk_actions};

/// Shows how far a bulk action is.
pub(crate) async fn run(context: &Context, call: Accepted<GetBulkActionRequest>) -> Result<BulkAction> {
    let id = lookup::bulk_action(&call.message.id)?;
    let get = |tx| async move { Ok(show::bulk_action(&bulk_actions::get(&tx, id).await?)) };
    context.store.tenant(call.principal.tenant).read(get).await
}
