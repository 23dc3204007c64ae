use std::sync::Arc;

use tonic::{Request, Response, Status};
use weft_proto::media::v1::{File, GetFileRequest, files_server::Files};

use crate::app::{Media, get_file};

pub(crate) struct FilesApi(pub(crate) Arc<Media>);

#[tonic::async_trait]
impl Files for FilesApi {
    async fn get_file(&self, request: Request<GetFileRequest>) -> Result<Response<File>, Status> {
        let call = weft_rpc::accept(request)?;
        let answer =
            get_file::run(&self.0, &call.principal, &call.message).await.map_err(weft_rpc::status)?;
        Ok(weft_rpc::reply(answer, false))
    }
}
