use tonic::{Request, Response, Status};
use weft_proto::automation::v1::{GetStaffingRequest, GetStaffingResponse, staffing_server::Staffing};
use weft_rpc::{accept_service, status};

use crate::{Context, app};

#[tonic::async_trait]
impl Staffing for Context {
    async fn get_staffing(
        &self,
        request: Request<GetStaffingRequest>,
    ) -> Result<Response<GetStaffingResponse>, Status> {
        let (_, message) = accept_service(request)?;
        app::get_staffing::run(self, message).await.map(Response::new).map_err(status)
    }
}
