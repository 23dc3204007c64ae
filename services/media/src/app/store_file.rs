use bytes::Bytes;
use futures::Stream;
use uuid::Uuid;
use weft_domain::{
    Error, Result, TenantId,
    id::{self, FileId},
    media_type,
};
use weft_store::Tx;

use super::{Media, collect, receive};
use crate::{
    content::{kind, name},
    store::{
        blob::{self, State},
        file::{self, Kept, NewFile, stored_size},
        usage,
    },
};

/// What is known of a file before its bytes come.
#[derive(Clone, Debug)]
pub(crate) struct Announced {
    /// The file's id; none: a new one.
    pub(crate) id: Option<FileId>,
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
    pub(crate) file: Kept,
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
    let tenant = announced.tenant;
    let id = announced.id.unwrap_or_else(id::new);
    // an id that was there before may have been used for this before, too
    let location = if announced.id.is_some() { Uuid::now_v7() } else { id.uuid() };
    refuse_when_full(media, tenant, 1).await?;
    let writer = media.blobs.write(tenant, location).await?;
    let clean = name::clean(&announced.name);
    let decide = |head: &[u8]| kind::decide(head, &clean, &announced.declared_mime);
    let fits = |head: &[u8]| match &*announced.accept {
        [] => Ok(()),
        accept => media_type::check(accept, &decide(head)),
    };
    let received = receive::run(writer, bytes, media.max_file_bytes, fits).await?;
    let new = NewFile {
        id,
        location,
        mime: decide(&received.head),
        name: clean,
        size: stored_size(received.size)?,
        sha256: received.sha256.clone(),
        key: announced.key,
        created_by: announced.created_by,
    };
    let (new, quota, first) = (&new, media.quota_bytes, media.first_state(&new.mime));
    let add = |tx| async move { add(&tx, new, quota, first).await };
    let added = media.store.tenant(tenant).write(add).await;
    let is_spare = match &added {
        Ok(kept) => kept.location() != location,
        // after any other failure a commit may still come: the sweep will know
        Err(error) => !error.code().is_ours(),
    };
    if is_spare {
        collect::after_commit(media, tenant, vec![location]).await;
    }
    let file = added?;
    media.come.notify_one();
    let replayed = file.file.id != id.uuid();
    Ok(Stored { file, replayed, sha256: received.sha256 })
}

/// The file's row, its bytes counted; or the file that its key has already.
async fn add(tx: &Tx, new: &NewFile, quota: Option<u64>, (state, is_due): (State, bool)) -> Result<Kept> {
    let Some(file) = file::add(tx, new).await? else {
        let key = new.key.as_deref().unwrap_or_default();
        return file::find_by_key(tx, key).await?.ok_or_else(|| Error::not_found("file"));
    };
    let bytes = blob::New {
        sha256: &new.sha256,
        size: new.size,
        location: new.location,
        due_at: is_due.then(|| tx.now()),
        state,
    };
    let blob = blob::take(tx, &bytes).await?;
    let is_new = blob.location == new.location;
    let usage = usage::add(tx, 1, if is_new { new.size } else { 0 }).await?;
    if is_new && quota.is_some_and(|most| usage.bytes > most) {
        return Err(quota_exceeded());
    }
    Ok(Kept { file, blob: Some(blob) })
}

/// Spares the transfer of what will be refused.
pub(crate) async fn refuse_when_full(media: &Media, tenant: TenantId, more: u64) -> Result<()> {
    let Some(most) = media.quota_bytes else { return Ok(()) };
    let usage = media.store.tenant(tenant).read(|tx| async move { usage::get(&tx).await }).await?;
    if usage.bytes.saturating_add(more) > most { Err(quota_exceeded()) } else { Ok(()) }
}

fn quota_exceeded() -> Error {
    let words =
        "your files take as much room as they may; delete some, or ask whoever runs this installation";
    Error::precondition("storage_quota_exceeded", words)
}
