use tonic::{Request, Response, Status};
use weft_proto::conversation::v1::{AssignRequest, AssignResponse, assignments_server::Assignments};
use weft_rpc::{accept_service, status};

use crate::{Context, app};

#[tonic::async_trait]
impl Assignments for Context {
    async fn assign(&self, request: Request<AssignRequest>) -> Result<Response<AssignResponse>, Status> {
        let (service, message) = accept_service(request)?;
        app::assign_conversation::run(self, &service, message).await.map(Response::new).map_err(status)
    }
}
