use weft_auth::Principal;
use weft_domain::{Error, Result, id, id::FileId};
use weft_proto::media::v1::DeleteFileRequest;
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use super::{Media, collect, let_go};
use crate::store::{file, hold};

/// Deletes a file that nothing holds.
pub(crate) async fn run(media: &Media, call: &Accepted<DeleteFileRequest>) -> Result<Once<()>> {
    let id = id::parse_lookup(&call.message.id)?;
    let principal = &call.principal;
    let scope = media.store.tenant(principal.tenant);
    let places = scope.read(|tx| async move { file::places(&tx, &file::get(&tx, id).await?).await }).await;
    let once = scope.write_once(&call.intent, |tx| async move { delete(&tx, id, principal).await }).await?;
    collect::after_commit(media, principal.tenant, places.unwrap_or_default()).await;
    Ok(once)
}

async fn delete(tx: &Tx, id: FileId, principal: &Principal) -> Result<()> {
    let row = file::get_locked(tx, id).await?;
    if row.created_by != principal.subject.to_string() {
        principal.require("file.delete")?;
    }
    if hold::any(tx, row.id).await? {
        let words = "a message, a canned reply or a macro has this file; take it from there first";
        return Err(Error::precondition("file_in_use", words));
    }
    let_go::run(tx, vec![row]).await
}
