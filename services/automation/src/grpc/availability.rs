use tonic::{Request, Response, Status};
use weft_proto::automation::v1::{
    Agent, GetMyAvailabilityRequest, UpdateMyAvailabilityRequest, availability_server::Availability,
};
use weft_rpc::{accept, reply, status};

use crate::{Context, app};

#[tonic::async_trait]
impl Availability for Context {
    async fn get_my_availability(
        &self,
        request: Request<GetMyAvailabilityRequest>,
    ) -> Result<Response<Agent>, Status> {
        app::get_my_availability::run(self, accept(request)?).await.map(Response::new).map_err(status)
    }

    async fn update_my_availability(
        &self,
        request: Request<UpdateMyAvailabilityRequest>,
    ) -> Result<Response<Agent>, Status> {
        let answer = app::update_my_availability::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }
}
