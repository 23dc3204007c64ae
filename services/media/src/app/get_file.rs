use weft_auth::Principal;
use weft_domain::{Result, id};
use weft_proto::media::v1::{File, GetFileRequest};

use super::{Media, file::linked};
use crate::store::{file, variant};

/// Shows a file with links for the caller.
pub(crate) async fn run(media: &Media, principal: &Principal, request: &GetFileRequest) -> Result<File> {
    let id = id::parse_lookup(&request.id)?;
    let read = |tx| async move {
        let kept = file::get(&tx, id).await?;
        let variants = variant::of(&tx, &kept.file.sha256).await?;
        Ok((kept, variants))
    };
    let (kept, variants) = media.store.tenant(principal.tenant).read(read).await?;
    Ok(linked(media, principal.tenant, &kept, &variants, &principal.subject.to_string()))
}
