use tonic::{Request, Response, Status};
use weft_proto::conversation::v1::{
    Conversation, GetConversationRequest, ListConversationsRequest, ListConversationsResponse,
    MarkConversationRequest, MarkReadRequest, MoveConversationRequest, SendTypingRequest,
    StartConversationRequest, UnmarkConversationRequest, UpdateConversationRequest,
    conversations_server::Conversations,
};
use weft_rpc::{accept, reply, status};

use crate::{Context, app};

#[tonic::async_trait]
impl Conversations for Context {
    async fn start_conversation(
        &self,
        request: Request<StartConversationRequest>,
    ) -> Result<Response<Conversation>, Status> {
        let answer = app::start_conversation::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn move_conversation(
        &self,
        request: Request<MoveConversationRequest>,
    ) -> Result<Response<Conversation>, Status> {
        let answer = app::move_conversation::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn list_conversations(
        &self,
        request: Request<ListConversationsRequest>,
    ) -> Result<Response<ListConversationsResponse>, Status> {
        app::list_conversations::run(self, accept(request)?).await.map(Response::new).map_err(status)
    }

    async fn get_conversation(
        &self,
        request: Request<GetConversationRequest>,
    ) -> Result<Response<Conversation>, Status> {
        app::get_conversation::run(self, accept(request)?).await.map(Response::new).map_err(status)
    }

    async fn update_conversation(
        &self,
        request: Request<UpdateConversationRequest>,
    ) -> Result<Response<Conversation>, Status> {
        let answer = app::update_conversation::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn mark_conversation(
        &self,
        request: Request<MarkConversationRequest>,
    ) -> Result<Response<Conversation>, Status> {
        let answer = app::mark_conversation::put(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn unmark_conversation(
        &self,
        request: Request<UnmarkConversationRequest>,
    ) -> Result<Response<Conversation>, Status> {
        let answer = app::mark_conversation::take(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn mark_read(&self, request: Request<MarkReadRequest>) -> Result<Response<Conversation>, Status> {
        let answer = app::mark_read::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn send_typing(&self, request: Request<SendTypingRequest>) -> Result<Response<()>, Status> {
        app::send_typing::run(self, accept(request)?).await.map(Response::new).map_err(status)
    }
}
