use weft_domain::Result;
use weft_proto::conversation::v1::{ContactImport, GetContactImportRequest};
use weft_rpc::Accepted;

use crate::{Context, lookup, show, store::contact_files};

/// Shows how far an import is.
pub(crate) async fn run(context: &Context, call: Accepted<GetContactImportRequest>) -> Result<ContactImport> {
    let id = lookup::import(&call.message.id)?;
    let get = |tx| async move { Ok(show::contact_import(&contact_files::import(&tx, id).await?)) };
    context.store.tenant(call.principal.tenant).read(get).await
}
