use std::sync::Arc;

use tonic::{Request, Response, Status};
use weft_proto::media::v1::{
    DeleteFileRequest, File, GetFileRequest, GetStorageRequest, Storage, files_server::Files,
};
use weft_rpc::{accept, reply, status};

use crate::app::{Media, delete_file, get_file, get_storage};

pub(crate) struct FilesApi(pub(crate) Arc<Media>);

#[tonic::async_trait]
impl Files for FilesApi {
    async fn get_file(&self, request: Request<GetFileRequest>) -> Result<Response<File>, Status> {
        let call = accept(request)?;
        let answer = get_file::run(&self.0, &call.principal, &call.message).await.map_err(status)?;
        Ok(reply(answer, false))
    }

    async fn delete_file(&self, request: Request<DeleteFileRequest>) -> Result<Response<()>, Status> {
        let call = accept(request)?;
        let once = delete_file::run(&self.0, &call).await.map_err(status)?;
        Ok(reply((), once.replayed))
    }

    async fn get_storage(&self, request: Request<GetStorageRequest>) -> Result<Response<Storage>, Status> {
        let call = accept(request)?;
        let answer = get_storage::run(&self.0, call.principal.tenant).await.map_err(status)?;
        Ok(reply(answer, false))
    }
}
