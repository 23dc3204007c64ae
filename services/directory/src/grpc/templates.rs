use tonic::{Request, Response, Status};
use weft_proto::directory::v1::{
    FindTemplateRequest, FindTemplateResponse, KeepTemplatesRequest, ListTemplatesRequest,
    ListTemplatesResponse, SyncTemplatesRequest, template_store_server::TemplateStore,
    templates_server::Templates,
};
use weft_rpc::{accept, accept_service, reply, status};

use super::Methods;
use crate::app::{find_template, keep_templates, list_templates, sync_templates};

#[tonic::async_trait]
impl Templates for Methods {
    async fn list_templates(
        &self,
        request: Request<ListTemplatesRequest>,
    ) -> Result<Response<ListTemplatesResponse>, Status> {
        let call = accept(request)?;
        let page = list_templates::run(&self.0, &call.principal, &call.message).await.map_err(status)?;
        Ok(Response::new(page))
    }

    async fn sync_templates(&self, request: Request<SyncTemplatesRequest>) -> Result<Response<()>, Status> {
        let call = accept(request)?;
        let once = sync_templates::run(&self.0, &call.principal, &call.message, &call.intent)
            .await
            .map_err(status)?;
        Ok(reply((), once.replayed))
    }
}

#[tonic::async_trait]
impl TemplateStore for Methods {
    async fn keep_templates(&self, request: Request<KeepTemplatesRequest>) -> Result<Response<()>, Status> {
        let (_, message) = accept_service(request)?;
        keep_templates::run(&self.0, &message).await.map_err(status)?;
        Ok(Response::new(()))
    }

    async fn find_template(
        &self,
        request: Request<FindTemplateRequest>,
    ) -> Result<Response<FindTemplateResponse>, Status> {
        let (_, message) = accept_service(request)?;
        let found = find_template::run(&self.0, &message).await.map_err(status)?;
        Ok(Response::new(found))
    }
}
