use weft_domain::{Error, Result};
use weft_proto::conversation::v1::DeleteCustomFieldRequest;
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use crate::{Context, lookup, store::custom_fields};

/// Deletes a field; values that there are stay where they are.
pub(crate) async fn run(context: &Context, call: Accepted<DeleteCustomFieldRequest>) -> Result<Once<()>> {
    let id = lookup::custom_field(&call.message.id)?;
    let delete = |tx: Tx| async move {
        if custom_fields::remove(&tx, id).await? { Ok(()) } else { Err(Error::not_found("custom_field")) }
    };
    context.store.tenant(call.principal.tenant).write_once(&call.intent, delete).await
}
