use tonic::{Request, Response, Status};
use weft_proto::conversation::v1::{
    CancelContactImportRequest, ContactExport, ContactImport, GetContactExportRequest,
    GetContactImportRequest, ListContactImportErrorsRequest, ListContactImportErrorsResponse,
    StartContactExportRequest, StartContactImportRequest, contact_files_server::ContactFiles,
};
use weft_rpc::{accept, reply, status};

use crate::{Context, app};

#[tonic::async_trait]
impl ContactFiles for Context {
    async fn start_contact_import(
        &self,
        request: Request<StartContactImportRequest>,
    ) -> Result<Response<ContactImport>, Status> {
        let answer = app::start_contact_import::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn get_contact_import(
        &self,
        request: Request<GetContactImportRequest>,
    ) -> Result<Response<ContactImport>, Status> {
        app::get_contact_import::run(self, accept(request)?).await.map(Response::new).map_err(status)
    }

    async fn list_contact_import_errors(
        &self,
        request: Request<ListContactImportErrorsRequest>,
    ) -> Result<Response<ListContactImportErrorsResponse>, Status> {
        app::list_contact_import_errors::run(self, accept(request)?).await.map(Response::new).map_err(status)
    }

    async fn cancel_contact_import(
        &self,
        request: Request<CancelContactImportRequest>,
    ) -> Result<Response<ContactImport>, Status> {
        let answer = app::cancel_contact_import::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn start_contact_export(
        &self,
        request: Request<StartContactExportRequest>,
    ) -> Result<Response<ContactExport>, Status> {
        let answer = app::start_contact_export::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn get_contact_export(
        &self,
        request: Request<GetContactExportRequest>,
    ) -> Result<Response<ContactExport>, Status> {
        app::get_contact_export::run(self, accept(request)?).await.map(Response::new).map_err(status)
    }
}
