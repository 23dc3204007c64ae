use tonic::{Request, Response, Status};
use weft_proto::conversation::v1::{
    CreateCustomFieldRequest, CustomField, DeleteCustomFieldRequest, ListCustomFieldsRequest,
    ListCustomFieldsResponse, UpdateCustomFieldRequest, custom_fields_server::CustomFields,
};
use weft_rpc::{accept, reply, status};

use crate::{Context, app};

#[tonic::async_trait]
impl CustomFields for Context {
    async fn list_custom_fields(
        &self,
        request: Request<ListCustomFieldsRequest>,
    ) -> Result<Response<ListCustomFieldsResponse>, Status> {
        app::list_custom_fields::run(self, accept(request)?).await.map(Response::new).map_err(status)
    }

    async fn create_custom_field(
        &self,
        request: Request<CreateCustomFieldRequest>,
    ) -> Result<Response<CustomField>, Status> {
        let answer = app::create_custom_field::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn update_custom_field(
        &self,
        request: Request<UpdateCustomFieldRequest>,
    ) -> Result<Response<CustomField>, Status> {
        let answer = app::update_custom_field::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn delete_custom_field(
        &self,
        request: Request<DeleteCustomFieldRequest>,
    ) -> Result<Response<()>, Status> {
        let answer = app::delete_custom_field::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply((), answer.replayed))
    }
}
