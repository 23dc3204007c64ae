use weft_domain::{Result, id};
use weft_proto::{
    convert::timestamp,
    media::v1::{File, ReadFileRequest},
};

use super::{
    Media,
    file::{linked, show},
};
use crate::{
    blobs::ByteStream,
    link::Disposition,
    store::{file, variant},
};

/// Gives a file with a link for the contact it is sent to, or for who opens it now, and its bytes.
pub(crate) async fn run(media: &Media, request: &ReadFileRequest) -> Result<(File, ByteStream)> {
    let tenant = id::parse("tenant_id", &request.tenant_id)?;
    let id = id::parse_lookup(&request.id)?;
    let read = |tx| async move {
        let kept = file::get(&tx, id).await?;
        let variants = variant::of(&tx, &kept.file.sha256).await?;
        Ok((kept, variants))
    };
    let (kept, variants) = media.store.tenant(tenant).read(read).await?;
    kept.require_available()?;
    let bytes = media.blobs.read(tenant, kept.location(), 0..kept.size()).await?;
    if !request.subject.is_empty() {
        return Ok((linked(media, tenant, &kept, &variants, &request.subject), bytes));
    }
    let (url, until) = media.links.make_for_contact(tenant, id, Disposition::of(&kept.file.mime));
    Ok((File { url: Some(url), url_expires_at: Some(timestamp(until)), ..show(&kept) }, bytes))
}
