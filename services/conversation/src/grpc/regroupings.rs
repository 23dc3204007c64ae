use tonic::{Request, Response, Status};
use weft_proto::conversation::v1::{
    ListRegroupingsRequest, ListRegroupingsResponse, MergeConversationsRequest, Regrouping,
    SplitConversationRequest, UndoRegroupingRequest, regroupings_server::Regroupings,
};
use weft_rpc::{accept, reply, status};

use crate::{Context, app};

#[tonic::async_trait]
impl Regroupings for Context {
    async fn merge_conversations(
        &self,
        request: Request<MergeConversationsRequest>,
    ) -> Result<Response<Regrouping>, Status> {
        let answer = app::merge_conversations::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn split_conversation(
        &self,
        request: Request<SplitConversationRequest>,
    ) -> Result<Response<Regrouping>, Status> {
        let answer = app::split_conversation::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn list_regroupings(
        &self,
        request: Request<ListRegroupingsRequest>,
    ) -> Result<Response<ListRegroupingsResponse>, Status> {
        app::list_regroupings::run(self, accept(request)?).await.map(Response::new).map_err(status)
    }

    async fn undo_regrouping(
        &self,
        request: Request<UndoRegroupingRequest>,
    ) -> Result<Response<Regrouping>, Status> {
        let answer = app::undo_regrouping::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }
}
