use tonic::{Request, Response, Status};
use weft_proto::conversation::v1::{ListTagsRequest, ListTagsResponse, tags_server::Tags};
use weft_rpc::{accept, status};

use crate::{Context, app};

#[tonic::async_trait]
impl Tags for Context {
    async fn list_tags(
        &self,
        request: Request<ListTagsRequest>,
    ) -> Result<Response<ListTagsResponse>, Status> {
        app::list_tags::run(self, accept(request)?).await.map(Response::new).map_err(status)
    }
}
