use weft_auth::Principal;
use weft_domain::{Result, id};
use weft_proto::{
    convert::timestamp,
    media::v1::{File, GetFileRequest},
};

use super::{Media, file::show};
use crate::{link::Disposition, store::file};

/// Shows a file with a link for the caller.
pub(crate) async fn run(media: &Media, principal: &Principal, request: &GetFileRequest) -> Result<File> {
    let id = id::parse_lookup(&request.id)?;
    let scope = media.store.tenant(principal.tenant);
    let kept = scope.read(|tx| async move { file::get(&tx, id).await }).await?;
    let subject = principal.subject.to_string();
    let disposition = Disposition::of(&kept.file.mime);
    let (url, expires_at) = media.links.make(principal.tenant, id, &subject, disposition);
    Ok(File { url: Some(url), url_expires_at: Some(timestamp(expires_at)), ..show(&kept) })
}
