use tonic::{Request, Response, Status};
use weft_proto::automation::v1::{
    CreateBusinessHoursRequest, DeleteBusinessHoursRequest, Hours, ListBusinessHoursRequest,
    ListBusinessHoursResponse, UpdateBusinessHoursRequest, business_hours_server::BusinessHours,
};
use weft_rpc::{accept, reply, status};

use crate::{Context, app};

#[tonic::async_trait]
impl BusinessHours for Context {
    async fn list_business_hours(
        &self,
        request: Request<ListBusinessHoursRequest>,
    ) -> Result<Response<ListBusinessHoursResponse>, Status> {
        app::list_business_hours::run(self, accept(request)?).await.map(Response::new).map_err(status)
    }

    async fn create_business_hours(
        &self,
        request: Request<CreateBusinessHoursRequest>,
    ) -> Result<Response<Hours>, Status> {
        let answer = app::create_business_hours::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn update_business_hours(
        &self,
        request: Request<UpdateBusinessHoursRequest>,
    ) -> Result<Response<Hours>, Status> {
        let answer = app::update_business_hours::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn delete_business_hours(
        &self,
        request: Request<DeleteBusinessHoursRequest>,
    ) -> Result<Response<()>, Status> {
        let answer = app::delete_business_hours::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply((), answer.replayed))
    }
}
