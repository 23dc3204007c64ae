use weft_domain::{Result, id};
use weft_proto::{
    convert::timestamp,
    media::v1::{File, ReadFileRequest},
};

use super::{Media, file::show};
use crate::{blobs::ByteStream, link::Disposition, store::file};

/// Gives a file with a link for the contact it is sent to, or for who opens it now, and its bytes.
pub(crate) async fn run(media: &Media, request: &ReadFileRequest) -> Result<(File, ByteStream)> {
    let tenant = id::parse("tenant_id", &request.tenant_id)?;
    let id = id::parse_lookup(&request.id)?;
    let kept = media.store.tenant(tenant).read(|tx| async move { file::get(&tx, id).await }).await?;
    let bytes = media.blobs.read(tenant, kept.location(), 0..kept.size()).await?;
    let disposition = Disposition::of(&kept.file.mime);
    let (url, until) = match request.subject.as_str() {
        "" => media.links.make_for_contact(tenant, id, disposition),
        subject => media.links.make(tenant, id, subject, disposition),
    };
    Ok((File { url: Some(url), url_expires_at: Some(timestamp(until)), ..show(&kept) }, bytes))
}
