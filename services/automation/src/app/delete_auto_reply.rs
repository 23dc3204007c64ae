use weft_domain::{Error, Result};
use weft_proto::automation::v1::DeleteAutoReplyRequest;
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use crate::{Context, lookup, store::auto_replies};

/// Deletes an automatic reply.
pub(crate) async fn run(context: &Context, call: Accepted<DeleteAutoReplyRequest>) -> Result<Once<()>> {
    let id = lookup::auto_reply(&call.message.id)?;
    let delete = |tx: Tx| async move {
        auto_replies::take(&tx, id).await?.ok_or_else(|| Error::not_found("auto_reply"))?;
        auto_replies::remove(&tx, id).await
    };
    context.store.tenant(call.principal.tenant).write_once(&call.intent, delete).await
}
