use tonic::{Request, Response, Status};
use weft_proto::conversation::v1::{
    CannedReply, CreateCannedReplyRequest, DeleteCannedReplyRequest, ListCannedRepliesRequest,
    ListCannedRepliesResponse, RenderCannedReplyRequest, RenderedReply, UpdateCannedReplyRequest,
    canned_replies_server::CannedReplies,
};
use weft_rpc::{accept, reply, status};

use crate::{Context, app};

#[tonic::async_trait]
impl CannedReplies for Context {
    async fn list_canned_replies(
        &self,
        request: Request<ListCannedRepliesRequest>,
    ) -> Result<Response<ListCannedRepliesResponse>, Status> {
        app::list_canned_replies::run(self, accept(request)?).await.map(Response::new).map_err(status)
    }

    async fn create_canned_reply(
        &self,
        request: Request<CreateCannedReplyRequest>,
    ) -> Result<Response<CannedReply>, Status> {
        let answer = app::create_canned_reply::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn update_canned_reply(
        &self,
        request: Request<UpdateCannedReplyRequest>,
    ) -> Result<Response<CannedReply>, Status> {
        let answer = app::update_canned_reply::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn delete_canned_reply(
        &self,
        request: Request<DeleteCannedReplyRequest>,
    ) -> Result<Response<()>, Status> {
        let answer = app::delete_canned_reply::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply((), answer.replayed))
    }

    async fn render_canned_reply(
        &self,
        request: Request<RenderCannedReplyRequest>,
    ) -> Result<Response<RenderedReply>, Status> {
        app::render_canned_reply::run(self, accept(request)?).await.map(Response::new).map_err(status)
    }
}
