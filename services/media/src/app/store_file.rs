use bytes::Bytes;
use futures::Stream;
use weft_domain::{Result, TenantId, id, media_type};

use super::{Media, receive};
use crate::{
    content::{kind, name},
    store::{
        entity::file::Model,
        file::{self, NewFile},
    },
};

/// What is known of a file before its bytes come.
#[derive(Clone, Debug)]
pub(crate) struct Announced {
    pub(crate) tenant: TenantId,
    pub(crate) name: String,
    pub(crate) declared_mime: String,
    /// The same key of one tenant stores once.
    pub(crate) key: Option<String>,
    pub(crate) created_by: String,
    /// The types that are kept; none: every type.
    pub(crate) accept: Vec<String>,
}

/// A file, and what came this time.
pub(crate) struct Stored {
    pub(crate) file: Model,
    /// The bytes that came were the ones stored before under the same key, or others.
    pub(crate) replayed: bool,
    /// SHA-256 of what came now.
    pub(crate) sha256: String,
}

/// Keeps a file: its bytes first, and once they are on disk its row.
///
/// Between the two a crash leaves bytes that nobody knows; `sweep_leftovers` finds them. The other way round a row
/// would promise bytes that are not there.
pub(crate) async fn run(
    media: &Media,
    announced: Announced,
    bytes: impl Stream<Item = Result<Bytes>>,
) -> Result<Stored> {
    let (tenant, id) = (announced.tenant, id::new());
    let writer = media.blobs.write(tenant, id).await?;
    let clean = name::clean(&announced.name);
    let decide = |head: &[u8]| kind::decide(head, &clean, &announced.declared_mime);
    let fits = |head: &[u8]| match &*announced.accept {
        [] => Ok(()),
        accept => media_type::check(accept, &decide(head)),
    };
    let received = receive::run(writer, bytes, media.max_file_bytes, fits).await?;
    let new = NewFile {
        id,
        mime: decide(&received.head),
        name: clean,
        size: received.size,
        sha256: received.sha256.clone(),
        key: announced.key,
        created_by: announced.created_by,
    };
    let new = &new;
    let file = media.store.tenant(tenant).write(|tx| async move { file::add(&tx, new).await }).await?;
    let replayed = file.id != id.uuid();
    if replayed {
        media.blobs.remove(tenant.uuid(), id.uuid()).await?;
    }
    Ok(Stored { file, replayed, sha256: received.sha256 })
}
