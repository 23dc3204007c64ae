use std::{
    io,
    ops::Range,
    path::{Path as DiskPath, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, stream::BoxStream};
use object_store::{
    GetOptions, GetRange, GetResultPayload, MultipartUpload, ObjectStore, ObjectStoreExt as _, PutPayload,
    local::LocalFileSystem, path::Path,
};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio_util::io::ReaderStream;
use uuid::Uuid;
use weft_domain::{Error, ErrorCode, Result, TenantId, id::FileId};

/// How much is read and handed on at once.
pub(crate) const PART_BYTES: usize = 256 * 1024;

/// The bytes of a file, part by part.
pub(crate) type ByteStream = BoxStream<'static, io::Result<Bytes>>;

/// The bytes of all files, each at `<tenant>/<file>`: no part of a path ever comes from outside.
#[derive(Clone)]
pub(crate) struct Blobs {
    store: Arc<LocalFileSystem>,
    folder: PathBuf,
}

/// A file that is being written. Dropped before `finish`, nothing of it stays.
pub(crate) struct BlobWriter {
    upload: Box<dyn MultipartUpload>,
}

impl Blobs {
    /// Opens the folder, which is made when it is not there.
    pub(crate) async fn open(folder: &DiskPath) -> Result<Self> {
        let made = tokio::fs::create_dir_all(folder).await;
        made.map_err(|error| Error::unavailable("file_storage_unavailable").with_source(error))?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(from_storage)?.with_fsync(true);
        Ok(Self { store: Arc::new(store), folder: folder.to_owned() })
    }

    /// Where the files are.
    pub(crate) fn folder(&self) -> &DiskPath {
        &self.folder
    }

    /// Begins a file.
    pub(crate) async fn write(&self, tenant: TenantId, id: FileId) -> Result<BlobWriter> {
        let upload = self.store.put_multipart(&path(tenant.uuid(), id.uuid())).await.map_err(from_storage)?;
        Ok(BlobWriter { upload })
    }

    /// Gives a range of a file.
    pub(crate) async fn read(&self, tenant: TenantId, id: FileId, range: Range<u64>) -> Result<ByteStream> {
        let options = GetOptions { range: Some(GetRange::Bounded(range.clone())), ..GetOptions::default() };
        let found = self.store.get_opts(&path(tenant.uuid(), id.uuid()), options).await;
        match found.map_err(from_storage)?.payload {
            GetResultPayload::File(file, _) => {
                let mut file = tokio::fs::File::from_std(file);
                file.seek(io::SeekFrom::Start(range.start)).await.map_err(Error::internal)?;
                let wanted = file.take(range.end - range.start);
                Ok(ReaderStream::with_capacity(wanted, PART_BYTES).boxed())
            }
            GetResultPayload::Stream(stream) => Ok(stream.map_err(io::Error::other).boxed()),
        }
    }

    /// Removes a file that has no row.
    pub(crate) async fn remove(&self, tenant: Uuid, id: Uuid) -> Result<()> {
        match self.store.delete(&path(tenant, id)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(from_storage(error)),
        }
    }
}

impl BlobWriter {
    /// Appends to the file.
    pub(crate) async fn append(&mut self, bytes: Bytes) -> Result<()> {
        self.upload.put_part(PutPayload::from_bytes(bytes)).await.map_err(from_storage)
    }

    /// Puts the whole file in its place; afterwards it survives a power cut.
    pub(crate) async fn finish(mut self) -> Result<()> {
        self.upload.complete().await.map(drop).map_err(from_storage)
    }
}

fn path(tenant: Uuid, id: Uuid) -> Path {
    Path::from_iter([tenant.to_string(), id.to_string()])
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
