use tonic::{Request, Response, Status};
use weft_proto::analytics::v1::{
    GetOverviewRequest, GetRebuildRequest, Overview, Rebuild, StartRebuildRequest,
    analytics_server::Analytics,
};
use weft_rpc::{accept, reply, status};

use crate::{Context, app};

#[tonic::async_trait]
impl Analytics for Context {
    async fn get_overview(&self, request: Request<GetOverviewRequest>) -> Result<Response<Overview>, Status> {
        app::get_overview::run(self, accept(request)?).await.map(Response::new).map_err(status)
    }

    async fn start_rebuild(
        &self,
        request: Request<StartRebuildRequest>,
    ) -> Result<Response<Rebuild>, Status> {
        let answer = app::start_rebuild::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn get_rebuild(&self, request: Request<GetRebuildRequest>) -> Result<Response<Rebuild>, Status> {
        app::get_rebuild::run(self, accept(request)?).await.map(Response::new).map_err(status)
    }
}
