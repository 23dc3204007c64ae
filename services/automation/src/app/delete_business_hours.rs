use weft_domain::{Error, Result};
use weft_proto::automation::v1::DeleteBusinessHoursRequest;
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use crate::{
    Context, lookup,
    store::{auto_replies, business_hours},
};

/// Deletes hours that nothing needs.
pub(crate) async fn run(context: &Context, call: Accepted<DeleteBusinessHoursRequest>) -> Result<Once<()>> {
    let id = lookup::hours(&call.message.id)?;
    let delete = |tx: Tx| async move {
        business_hours::take(&tx, id).await?.ok_or_else(|| Error::not_found("business_hours"))?;
        if let Some(reply) = auto_replies::with_hours(&tx, id).await? {
            let words =
                format!("the automatic reply “{}” needs these hours; change or delete it first", reply.name);
            return Err(Error::precondition("business_hours_in_use", words));
        }
        business_hours::remove(&tx, id).await
    };
    context.store.tenant(call.principal.tenant).write_once(&call.intent, delete).await
}
