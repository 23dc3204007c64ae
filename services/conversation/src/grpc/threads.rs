use tonic::{Request, Response, Status};
use weft_proto::conversation::v1::{ListThreadRequest, ListThreadResponse, threads_server::Threads};
use weft_rpc::{accept_service, status};

use crate::{Context, app};

#[tonic::async_trait]
impl Threads for Context {
    async fn list_thread(
        &self,
        request: Request<ListThreadRequest>,
    ) -> Result<Response<ListThreadResponse>, Status> {
        let (_, message) = accept_service(request)?;
        app::list_thread::run(self, message).await.map(Response::new).map_err(status)
    }
}
