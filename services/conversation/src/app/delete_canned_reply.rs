use weft_domain::Result;
use weft_proto::conversation::v1::DeleteCannedReplyRequest;
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use super::update_canned_reply::taken;
use crate::{Context, events, lookup, store::canned_replies};

/// Deletes a reply.
pub(crate) async fn run(context: &Context, call: Accepted<DeleteCannedReplyRequest>) -> Result<Once<()>> {
    let id = lookup::canned_reply(&call.message.id)?;
    let principal = &call.principal;
    let delete = |tx: Tx| async move {
        let row = taken(&tx, id, principal).await?;
        canned_replies::remove(&tx, id).await?;
        events::canned_reply_updated(&tx, &row, true)
    };
    context.store.tenant(principal.tenant).write_once(&call.intent, delete).await
}
