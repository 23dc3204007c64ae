use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use tonic::{Request, Response, Status, Streaming, service::Routes};
use weft_domain::{TenantId, id};
use weft_proto::media::v1::{
    DescribeFilesRequest, DescribeFilesResponse, File, HoldFilesRequest, HoldFilesResponse, ReadFilePart,
    ReadFileRequest, ReleaseFilesRequest, ReleaseFilesResponse, StoreFilePart,
    file_transfer_server::{FileTransfer, FileTransferServer},
};

/// The files of all tenants, as `media` would describe them.
#[derive(Clone, Default)]
pub(crate) struct Files(Arc<Mutex<HashMap<(String, String), File>>>);

impl Files {
    /// A new file of a tenant.
    pub(crate) fn add(&self, tenant: TenantId, name: &str, mime: &str) -> String {
        self.add_of_size(tenant, name, mime, 7)
    }

    /// The same of so many bytes.
    pub(crate) fn add_of_size(&self, tenant: TenantId, name: &str, mime: &str, size: u64) -> String {
        let id = id::new::<id::File>().to_string();
        let file = File { id: id.clone(), name: name.into(), mime: mime.into(), size, ..File::default() };
        self.0.lock().unwrap().insert((tenant.to_string(), id.clone()), file);
        id
    }

    pub(crate) fn routes(&self) -> Routes {
        Routes::new(FileTransferServer::new(self.clone()))
    }
}

#[tonic::async_trait]
impl FileTransfer for Files {
    type ReadFileStream = tokio_stream::Empty<Result<ReadFilePart, Status>>;

    async fn store_file(&self, _: Request<Streaming<StoreFilePart>>) -> Result<Response<File>, Status> {
        Err(Status::unimplemented("conversations store no files"))
    }

    async fn read_file(&self, _: Request<ReadFileRequest>) -> Result<Response<Self::ReadFileStream>, Status> {
        Err(Status::unimplemented("conversations read no files"))
    }

    async fn describe_files(
        &self,
        request: Request<DescribeFilesRequest>,
    ) -> Result<Response<DescribeFilesResponse>, Status> {
        let (_, request) = weft_rpc::accept_service(request)?;
        let files = self.0.lock().unwrap();
        let file = |id: &String| files.get(&(request.tenant_id.clone(), id.clone())).cloned();
        Ok(Response::new(DescribeFilesResponse { items: request.ids.iter().filter_map(file).collect() }))
    }

    async fn hold_files(&self, _: Request<HoldFilesRequest>) -> Result<Response<HoldFilesResponse>, Status> {
        Err(Status::unimplemented("nobody holds files yet"))
    }

    async fn release_files(
        &self,
        _: Request<ReleaseFilesRequest>,
    ) -> Result<Response<ReleaseFilesResponse>, Status> {
        Err(Status::unimplemented("nobody holds files yet"))
    }
}
