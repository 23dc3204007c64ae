use tonic::{Request, Response, Status};
use weft_proto::automation::v1::{
    AutoReply, CreateAutoReplyRequest, DeleteAutoReplyRequest, ListAutoRepliesRequest,
    ListAutoRepliesResponse, UpdateAutoReplyRequest, auto_replies_server::AutoReplies,
};
use weft_rpc::{accept, reply, status};

use crate::{Context, app};

#[tonic::async_trait]
impl AutoReplies for Context {
    async fn list_auto_replies(
        &self,
        request: Request<ListAutoRepliesRequest>,
    ) -> Result<Response<ListAutoRepliesResponse>, Status> {
        app::list_auto_replies::run(self, accept(request)?).await.map(Response::new).map_err(status)
    }

    async fn create_auto_reply(
        &self,
        request: Request<CreateAutoReplyRequest>,
    ) -> Result<Response<AutoReply>, Status> {
        let answer = app::create_auto_reply::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn update_auto_reply(
        &self,
        request: Request<UpdateAutoReplyRequest>,
    ) -> Result<Response<AutoReply>, Status> {
        let answer = app::update_auto_reply::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn delete_auto_reply(
        &self,
        request: Request<DeleteAutoReplyRequest>,
    ) -> Result<Response<()>, Status> {
        let answer = app::delete_auto_reply::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply((), answer.replayed))
    }
}
