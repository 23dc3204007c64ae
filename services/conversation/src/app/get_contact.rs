use weft_domain::Result;
use weft_proto::conversation::v1::{Contact, GetContactRequest};
use weft_rpc::Accepted;

use crate::{Context, lookup, show, store::contacts};

/// Shows a contact with its identities on all channels.
pub(crate) async fn run(context: &Context, call: Accepted<GetContactRequest>) -> Result<Contact> {
    let id = lookup::contact(&call.message.id)?;
    let get = |tx| async move {
        let row = contacts::get(&tx, id).await?;
        Ok(show::contact(&row, &contacts::identities(&tx, vec![row.id]).await?))
    };
    context.store.tenant(call.principal.tenant).read(get).await
}
