use std::{
    io,
    ops::Range,
    path::{Path as DiskPath, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::{
    StreamExt as _, TryStreamExt as _,
    stream::{self, BoxStream},
};
use object_store::{
    GetOptions, GetRange, GetResultPayload, ObjectMeta, ObjectStore, ObjectStoreExt as _, WriteMultipart,
    aws::{AmazonS3Builder, AmazonS3ConfigKey},
    local::LocalFileSystem,
    path::Path,
};
use secrecy::ExposeSecret as _;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio_util::io::ReaderStream;
use uuid::Uuid;
use weft_domain::{Error, ErrorCode, Result, TenantId, id};

use crate::config::{Config, S3, Storage};

/// S3 takes no smaller parts, and 10,000 of them.
const BUCKET_PART_BYTES: usize = 8 * 1024 * 1024;
/// One is received while another is written.
const PARTS_AT_ONCE: usize = 2;
/// How much is read and handed on at once.
pub(crate) const PART_BYTES: usize = 256 * 1024;

/// The bytes of a file, part by part.
pub(crate) type ByteStream = BoxStream<'static, io::Result<Bytes>>;

/// The bytes of all files, each at `<tenant>/<location>`: no part of a path ever comes from outside.
#[derive(Clone)]
pub(crate) struct Blobs {
    store: Arc<dyn ObjectStore>,
    /// Where they are when they are on a disk of ours.
    folder: Option<PathBuf>,
    part_bytes: usize,
}

/// Bytes that are being written. Dropped before `finish`, nothing of them stays.
pub(crate) struct BlobWriter {
    upload: WriteMultipart,
}

/// What lies somewhere.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    pub(crate) tenant: TenantId,
    pub(crate) location: Uuid,
    pub(crate) changed_at: DateTime<Utc>,
}

impl Blobs {
    /// Opens what the configuration names. A folder is made when it is not there.
    pub(crate) async fn open(config: &Config) -> Result<Self> {
        match config.storage {
            Storage::Local => Self::on_disk(&config.folder).await,
            Storage::S3 => Self::in_bucket(&config.s3),
        }
    }

    async fn on_disk(folder: &DiskPath) -> Result<Self> {
        let made = tokio::fs::create_dir_all(folder).await;
        made.map_err(|error| Error::unavailable("file_storage_unavailable").with_source(error))?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(from_storage)?.with_fsync(true);
        Ok(Self { store: Arc::new(store), folder: Some(folder.to_owned()), part_bytes: PART_BYTES })
    }

    fn in_bucket(bucket: &S3) -> Result<Self> {
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&bucket.bucket)
            .with_region(&bucket.region)
            .with_virtual_hosted_style_request(bucket.virtual_hosted)
            // not all that speak like S3 know it
            .with_config(AmazonS3ConfigKey::DisableBulkDelete, "true")
            .with_access_key_id(bucket.access_key_id.expose_secret())
            .with_secret_access_key(bucket.secret_access_key.expose_secret());
        if let Some(endpoint) = &bucket.endpoint {
            let address = endpoint.as_str().trim_end_matches('/');
            builder = builder.with_endpoint(address).with_allow_http(endpoint.scheme() == "http");
        }
        let store = builder.build().map_err(from_storage)?;
        Ok(Self { store: Arc::new(store), folder: None, part_bytes: BUCKET_PART_BYTES })
    }

    /// Where the files are, when they are on a disk of ours.
    pub(crate) fn folder(&self) -> Option<&DiskPath> {
        self.folder.as_deref()
    }

    /// Begins to write.
    pub(crate) async fn write(&self, tenant: TenantId, location: Uuid) -> Result<BlobWriter> {
        let upload = self.store.put_multipart(&path(tenant, location)).await.map_err(from_storage)?;
        Ok(BlobWriter { upload: WriteMultipart::new_with_chunk_size(upload, self.part_bytes) })
    }

    /// Gives a range of what lies there.
    pub(crate) async fn read(
        &self,
        tenant: TenantId,
        location: Uuid,
        range: Range<u64>,
    ) -> Result<ByteStream> {
        let options = GetOptions { range: Some(GetRange::Bounded(range.clone())), ..GetOptions::default() };
        let found = self.store.get_opts(&path(tenant, location), options).await;
        match found.map_err(from_storage)?.payload {
            GetResultPayload::File(file, _) => {
                let mut file = tokio::fs::File::from_std(file);
                file.seek(io::SeekFrom::Start(range.start)).await.map_err(Error::internal)?;
                let wanted = file.take(range.end - range.start);
                Ok(ReaderStream::with_capacity(wanted, PART_BYTES).boxed())
            }
            // a message between services holds no more than a part
            GetResultPayload::Stream(stream) => {
                let parts = stream.map_err(io::Error::other).map_ok(|bytes| stream::iter(parts(bytes)));
                Ok(parts.try_flatten().boxed())
            }
        }
    }

    /// Removes what no row names.
    pub(crate) async fn remove(&self, tenant: TenantId, location: Uuid) -> Result<()> {
        match self.store.delete(&path(tenant, location)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(from_storage(error)),
        }
    }

    /// Everything there is, of all tenants; what is not ours is left out.
    pub(crate) fn list(&self) -> BoxStream<'static, Result<Found>> {
        let all = self.store.list(None).map_err(from_storage);
        all.try_filter_map(|object| std::future::ready(Ok(found(&object)))).boxed()
    }
}

impl BlobWriter {
    /// Appends to it. What came before may still be on its way to the disk.
    pub(crate) async fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.upload.wait_for_capacity(PARTS_AT_ONCE).await.map_err(from_storage)?;
        self.upload.write(bytes);
        Ok(())
    }

    /// Puts it whole in its place; afterwards it survives a power cut.
    pub(crate) async fn finish(self) -> Result<()> {
        self.upload.finish().await.map(drop).map_err(from_storage)
    }
}

fn path(tenant: TenantId, location: Uuid) -> Path {
    Path::from_iter([tenant.uuid().to_string(), location.to_string()])
}

fn found(object: &ObjectMeta) -> Option<Found> {
    let mut parts = object.location.parts();
    let (tenant, location) = (parts.next()?, parts.next()?);
    let uuid = |part: &str| Uuid::try_parse(part).ok();
    let (tenant, location) = (uuid(tenant.as_ref())?, uuid(location.as_ref())?);
    if parts.next().is_some() {
        return None;
    }
    Some(Found { tenant: id::from_uuid(tenant), location, changed_at: object.last_modified })
}

fn parts(mut bytes: Bytes) -> Vec<io::Result<Bytes>> {
    let mut parts = Vec::new();
    while !bytes.is_empty() {
        parts.push(Ok(bytes.split_to(bytes.len().min(PART_BYTES))));
    }
    parts
}

fn from_storage(error: object_store::Error) -> Error {
    if is_full(&error) {
        let words = "there is no room left for files; ask whoever runs this installation";
        return Error::new(ErrorCode::Unavailable, "file_storage_full", words).with_source(error);
    }
    Error::internal(error)
}

fn is_full(error: &object_store::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(inner) = cause {
        let kind = inner.downcast_ref::<io::Error>().map(io::Error::kind);
        if matches!(kind, Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)) {
            return true;
        }
        cause = inner.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_from_our_own_mistakes() {
        let full = object_store::Error::Generic {
            store: "LocalFileSystem",
            source: io::Error::from(io::ErrorKind::StorageFull).into(),
        };
        assert_eq!(from_storage(full).reason(), "file_storage_full");
        let other = object_store::Error::Generic { store: "LocalFileSystem", source: "odd".into() };
        assert_eq!(from_storage(other).code(), ErrorCode::Internal);
    }
}
