use tonic::{Request, Response, Status};
use weft_proto::automation::v1::{
    AssignmentSettings, GetAssignmentSettingsRequest, UpdateAssignmentSettingsRequest,
    assignment_server::Assignment,
};
use weft_rpc::{accept, reply, status};

use crate::{Context, app};

#[tonic::async_trait]
impl Assignment for Context {
    async fn get_assignment_settings(
        &self,
        request: Request<GetAssignmentSettingsRequest>,
    ) -> Result<Response<AssignmentSettings>, Status> {
        app::get_settings::run(self, accept(request)?).await.map(Response::new).map_err(status)
    }

    async fn update_assignment_settings(
        &self,
        request: Request<UpdateAssignmentSettingsRequest>,
    ) -> Result<Response<AssignmentSettings>, Status> {
        let answer = app::update_settings::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }
}
