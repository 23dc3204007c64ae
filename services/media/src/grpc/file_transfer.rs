use std::sync::Arc;

use bytes::Bytes;
use futures::{
    Stream, StreamExt as _, TryStreamExt as _,
    stream::{self, BoxStream},
};
use prost_reflect::ReflectMessage as _;
use tonic::{Request, Response, Status, Streaming};
use weft_domain::{Error, ErrorCode, Result as DomainResult, id};
use weft_proto::media::v1::{
    DescribeFilesRequest, DescribeFilesResponse, File, HoldFilesRequest, HoldFilesResponse, ReadFilePart,
    ReadFileRequest, ReleaseFilesRequest, ReleaseFilesResponse, StoreFileHead, StoreFilePart,
    file_transfer_server::FileTransfer, read_file_part, store_file_part::Part,
};
use weft_rpc::{Caller, accept_service, error, status, validate};

use crate::{
    app::{
        Media, describe_files,
        file::show,
        hold_files, read_file, release_files,
        store_file::{self, Announced},
    },
    store::file,
};

pub(crate) struct FileTransferApi(pub(crate) Arc<Media>);

#[tonic::async_trait]
impl FileTransfer for FileTransferApi {
    type ReadFileStream = BoxStream<'static, Result<ReadFilePart, Status>>;

    async fn store_file(&self, request: Request<Streaming<StoreFilePart>>) -> Result<Response<File>, Status> {
        let (_, extensions, mut parts) = request.into_parts();
        let Some(Caller::Service(service)) = extensions.get::<Caller>() else {
            return Err(status(Error::unauthenticated(
                "not_of_the_fleet",
                "only services of the fleet may call this",
            )));
        };
        let announced = announced(parts.message().await?, service).map_err(status)?;
        if let Some(stored) = self.stored_before(&announced).await.map_err(status)? {
            return Ok(weft_rpc::reply(stored, true));
        }
        let stored = store_file::run(&self.0, announced, data(parts)).await.map_err(status)?;
        Ok(weft_rpc::reply(show(&stored.file), stored.replayed))
    }

    async fn read_file(
        &self,
        request: Request<ReadFileRequest>,
    ) -> Result<Response<Self::ReadFileStream>, Status> {
        let (_, message) = accept_service(request)?;
        let (head, bytes) = read_file::run(&self.0, &message).await.map_err(status)?;
        let first = stream::once(std::future::ready(Ok(part(read_file_part::Part::Head(head)))));
        let rest = bytes
            .map_ok(|data| part(read_file_part::Part::Data(data)))
            .map_err(|cause| status(Error::internal(cause)));
        Ok(Response::new(first.chain(rest).boxed()))
    }

    async fn describe_files(
        &self,
        request: Request<DescribeFilesRequest>,
    ) -> Result<Response<DescribeFilesResponse>, Status> {
        let (_, message) = accept_service(request)?;
        let answer = describe_files::run(&self.0, &message).await.map_err(status)?;
        Ok(weft_rpc::reply(answer, false))
    }

    async fn hold_files(
        &self,
        request: Request<HoldFilesRequest>,
    ) -> Result<Response<HoldFilesResponse>, Status> {
        let (_, message) = accept_service(request)?;
        let answer = hold_files::run(&self.0, &message).await.map_err(status)?;
        Ok(weft_rpc::reply(answer, false))
    }

    async fn release_files(
        &self,
        request: Request<ReleaseFilesRequest>,
    ) -> Result<Response<ReleaseFilesResponse>, Status> {
        let (_, message) = accept_service(request)?;
        let answer = release_files::run(&self.0, &message).await.map_err(status)?;
        Ok(weft_rpc::reply(answer, false))
    }
}

impl FileTransferApi {
    /// Spares a repeated call the transfer.
    async fn stored_before(&self, announced: &Announced) -> DomainResult<Option<File>> {
        let Some(key) = announced.key.as_deref() else { return Ok(None) };
        let scope = self.0.store.tenant(announced.tenant);
        let row = scope.read(|tx| async move { file::find_by_key(&tx, key).await }).await?;
        Ok(row.as_ref().map(show))
    }
}

fn announced(first: Option<StoreFilePart>, service: &str) -> DomainResult<Announced> {
    let Some(StoreFilePart { part: Some(Part::Head(head)) }) = first else {
        return Err(Error::invalid("missing_head", "the first part says what the file is").with_field("head"));
    };
    validate(&head.transcode_to_dynamic())?;
    let StoreFileHead { tenant_id, name, declared_mime, key, accept } = head;
    Ok(Announced {
        id: None,
        tenant: id::parse("tenant_id", &tenant_id)?,
        name,
        declared_mime,
        key: Some(key).filter(|text| !text.is_empty()),
        created_by: format!("service:{service}"),
        accept,
    })
}

/// The bytes up to the last part. A stream that ends without it was cut off: HTTP/2 does not tell the two apart.
fn data(parts: Streaming<StoreFilePart>) -> impl Stream<Item = DomainResult<Bytes>> {
    stream::try_unfold((parts, 0), |(mut parts, size)| async move {
        let part = parts.message().await.map_err(|failure| error(&failure))?;
        match part.and_then(|part| part.part) {
            Some(Part::Data(bytes)) => {
                let size = size + u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                Ok(Some((bytes, (parts, size))))
            }
            Some(Part::End(end)) if end.size == size => Ok(None),
            Some(Part::Head(_)) => {
                Err(Error::invalid("unexpected_head", "only the first part says what the file is"))
            }
            Some(Part::End(_)) | None => {
                // a service of an older release, which knows of no last part yet, is told so until it is updated, too
                let words = "the file is not whole: send it again, with its last part";
                Err(Error::new(ErrorCode::Unavailable, "file_cut_off", words))
            }
        }
    })
}

fn part(part: read_file_part::Part) -> ReadFilePart {
    ReadFilePart { part: Some(part) }
}
