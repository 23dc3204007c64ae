//! Uploads that come piece by piece and go on after whatever broke them off.

use bytes::Bytes;
use chrono::TimeDelta;
use futures::{
    StreamExt as _, TryStreamExt as _,
    stream::{self, BoxStream},
};
use uuid::Uuid;
use weft_auth::Principal;
use weft_domain::{
    Error, ErrorCode, Result, TenantId,
    id::{self, FileId},
};
use weft_store::{Purpose, Tx};

use super::{
    Media, collect,
    receive::too_large,
    store_file::{self, Announced, refuse_when_full},
};
use crate::{
    blobs::Blobs,
    content::name,
    store::{
        file::stored_size,
        upload::{self, Model, New, Piece},
    },
};

/// How long an upload may take, whatever it waits for.
const LIFE: TimeDelta = TimeDelta::hours(24);
/// What a crash takes with it, at most.
const PIECE_BYTES: u64 = 16 * 1024 * 1024;
/// Nobody has more under way; a tenant waits for itself (TN-9).
const MOST: usize = 100;
const BATCH: u64 = 100;

/// Bytes as they come; named, because the compiler cannot prove futures that hold any stream to be `Send`.
pub(crate) type ByteResults = BoxStream<'static, Result<Bytes>>;

/// Begins an upload of so many bytes.
pub(crate) async fn begin(
    media: &Media,
    principal: &Principal,
    length: u64,
    (file_name, declared_mime): (&str, String),
) -> Result<Model> {
    if length == 0 {
        return Err(Error::invalid("empty_file", "the file is empty").with_field("file"));
    }
    if length > media.max_file_bytes {
        return Err(too_large(media.max_file_bytes));
    }
    let scope = media.store.tenant(principal.tenant);
    let waiting = scope.read(|tx| async move { upload::unfinished(&tx).await }).await?;
    if waiting.len() >= MOST {
        let words = "finish or end some of the uploads that are under way";
        return Err(Error::precondition("too_many_uploads", words));
    }
    let announced: u64 = waiting.iter().map(|one| u64::try_from(one.length).unwrap_or_default()).sum();
    refuse_when_full(media, principal.tenant, announced.saturating_add(length)).await?;
    let new = &New {
        id: id::new(),
        name: name::clean(file_name),
        declared_mime,
        length: stored_size(length)?,
        created_by: principal.subject.to_string(),
        expires_at: media.clock.now() + LIFE,
    };
    scope.write(|tx| async move { upload::add(&tx, new).await }).await
}

/// The caller's upload; another's is as unknown as one that never was.
pub(crate) async fn get(media: &Media, principal: &Principal, id: FileId) -> Result<Model> {
    let subject = &principal.subject.to_string();
    media.store.tenant(principal.tenant).read(|tx| async move { upload::get(&tx, id, subject).await }).await
}

/// Takes what comes from `offset` on, piece by piece, and makes a file of it when all is here. What came before it broke
/// off stays.
pub(crate) async fn append(
    media: &Media,
    principal: &Principal,
    (id, offset): (FileId, u64),
    bytes: ByteResults,
) -> Result<Model> {
    let found = get(media, principal, id).await?;
    if number(found.received) != offset {
        return Err(elsewhere());
    }
    let (tenant, length) = (principal.tenant, number(found.length));
    let mut bytes = bytes.fuse();
    let mut rest = Bytes::new();
    let (mut at, mut broken) = (offset, None);
    while broken.is_none() && at < length {
        let location = Uuid::now_v7();
        let mut writer = media.blobs.write(tenant, location).await?;
        let mut size = 0;
        while size < PIECE_BYTES {
            if rest.is_empty() {
                match bytes.next().await {
                    Some(Ok(part)) => rest = part,
                    Some(Err(error)) => broken = Some(error),
                    None => {}
                }
            }
            if rest.is_empty() {
                if broken.is_some() || bytes.is_done() {
                    break;
                }
                continue;
            }
            let room = usize::try_from(PIECE_BYTES - size).unwrap_or(usize::MAX);
            let part = rest.split_to(rest.len().min(room));
            size += u64::try_from(part.len()).map_err(Error::internal)?;
            if at + size > length {
                return Err(Error::new(
                    ErrorCode::TooLarge,
                    "upload_too_long",
                    "more came than was announced",
                ));
            }
            writer.append(&part).await?;
        }
        if size == 0 {
            break;
        }
        writer.finish().await?;
        keep(media, tenant, id.uuid(), (at, size, location)).await?;
        at += size;
    }
    if let Some(error) = broken {
        return Err(error);
    }
    if at == length && !found.finished {
        assemble(media, principal, &found).await?;
    }
    get(media, principal, id).await
}

async fn keep(
    media: &Media,
    tenant: TenantId,
    id: Uuid,
    (at, size, location): (u64, u64, Uuid),
) -> Result<()> {
    let (at, size) = (stored_size(at)?, stored_size(size)?);
    let piece = &Piece { tenant_id: tenant.uuid(), upload_id: id, at, size, location };
    let append = |tx| async move { upload::append(&tx, id, piece).await };
    if media.store.tenant(tenant).write(append).await? {
        return Ok(());
    }
    collect::after_commit(media, tenant, vec![location]).await;
    Err(elsewhere())
}

/// Makes a file of the pieces. However often and by however many it is done, there is one file.
async fn assemble(media: &Media, principal: &Principal, row: &Model) -> Result<()> {
    let (tenant, id) = (principal.tenant, row.id);
    let scope = media.store.tenant(tenant);
    let pieces = scope.read(|tx| async move { upload::pieces(&tx, id).await }).await?;
    let places: Vec<_> = pieces.iter().map(|piece| piece.location).collect();
    let bytes = joined(media.blobs.clone(), tenant, pieces);
    let announced = Announced {
        id: Some(id::from_uuid(id)),
        tenant,
        name: row.name.clone(),
        declared_mime: row.declared_mime.clone(),
        key: Some(format!("piecewise:{id}")),
        created_by: row.created_by.clone(),
        accept: Vec::new(),
    };
    store_file::run(media, announced, bytes).await?;
    scope.write(|tx| async move { upload::finish(&tx, id).await }).await?;
    collect::after_commit(media, tenant, places).await;
    Ok(())
}

/// The bytes of all pieces, one after the other.
fn joined(blobs: Blobs, tenant: TenantId, pieces: Vec<Piece>) -> ByteResults {
    let read = move |piece: Piece| {
        let blobs = blobs.clone();
        async move {
            let bytes = blobs.read(tenant, piece.location, 0..number(piece.size)).await?;
            Ok(bytes.map_err(Error::internal))
        }
    };
    stream::iter(pieces.into_iter().map(Ok::<Piece, Error>)).and_then(read).try_flatten().boxed()
}

/// Ends an upload: nothing of it stays. The file stays that it has become.
pub(crate) async fn end(media: &Media, principal: &Principal, id: FileId) -> Result<()> {
    let found = get(media, principal, id).await?;
    forget(media, principal.tenant, found.id).await
}

/// Ends uploads that are too old.
pub(crate) async fn end_expired(media: &Media) -> Result<()> {
    loop {
        let system = media.store.system(Purpose::FindLapsed).await?;
        let expired = upload::expired(&system, media.clock.now(), BATCH).await?;
        drop(system);
        for one in &expired {
            forget(media, id::from_uuid(one.tenant_id), one.id).await?;
        }
        if expired.is_empty() {
            return Ok(());
        }
    }
}

async fn forget(media: &Media, tenant: TenantId, id: Uuid) -> Result<()> {
    let forget = |tx: Tx| async move {
        let pieces = upload::pieces(&tx, id).await?;
        upload::remove(&tx, id).await?;
        Ok(pieces)
    };
    let pieces = media.store.tenant(tenant).write(forget).await?;
    collect::after_commit(media, tenant, pieces.into_iter().map(|piece| piece.location).collect()).await;
    Ok(())
}

fn elsewhere() -> Error {
    let words = "the upload is not where this goes on; ask with HEAD how far it is";
    Error::conflict("upload_offset_mismatch", words)
}

/// A number of bytes in a row.
pub(crate) fn number(bytes: i64) -> u64 {
    u64::try_from(bytes).unwrap_or_default()
}
