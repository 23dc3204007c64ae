use weft_domain::Result;
use weft_proto::conversation::v1::{ContactExport, GetContactExportRequest};
use weft_rpc::Accepted;

use crate::{Context, lookup, show, store::contact_files};

/// Shows how far an export is.
pub(crate) async fn run(context: &Context, call: Accepted<GetContactExportRequest>) -> Result<ContactExport> {
    let id = lookup::export(&call.message.id)?;
    let get = |tx| async move { Ok(show::contact_export(&contact_files::export(&tx, id).await?)) };
    context.store.tenant(call.principal.tenant).read(get).await
}
