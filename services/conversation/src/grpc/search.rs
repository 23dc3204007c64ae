use tonic::{Request, Response, Status};
use weft_proto::conversation::v1::{SearchRequest, SearchResponse, search_server::Search};
use weft_rpc::{accept, status};

use crate::{Context, app};

#[tonic::async_trait]
impl Search for Context {
    async fn search(&self, request: Request<SearchRequest>) -> Result<Response<SearchResponse>, Status> {
        app::search::run(self, accept(request)?).await.map(Response::new).map_err(status)
    }
}
