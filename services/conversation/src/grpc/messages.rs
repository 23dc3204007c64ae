use tonic::{Request, Response, Status};
use weft_proto::conversation::v1::{
    AddReactionRequest, DeleteMessageRequest, EditMessageRequest, ListMessagesRequest, ListMessagesResponse,
    Message, RemoveReactionRequest, ResolveMessageRequest, SendMessageRequest, messages_server::Messages,
};
use weft_rpc::{accept, reply, status};

use crate::{Context, app};

#[tonic::async_trait]
impl Messages for Context {
    async fn list_messages(
        &self,
        request: Request<ListMessagesRequest>,
    ) -> Result<Response<ListMessagesResponse>, Status> {
        app::list_messages::run(self, accept(request)?).await.map(Response::new).map_err(status)
    }

    async fn send_message(&self, request: Request<SendMessageRequest>) -> Result<Response<Message>, Status> {
        let answer = Box::pin(app::send_message::run(self, accept(request)?)).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn resolve_message(
        &self,
        request: Request<ResolveMessageRequest>,
    ) -> Result<Response<Message>, Status> {
        let answer = app::resolve_message::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn edit_message(&self, request: Request<EditMessageRequest>) -> Result<Response<Message>, Status> {
        let answer = app::edit_message::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn delete_message(
        &self,
        request: Request<DeleteMessageRequest>,
    ) -> Result<Response<Message>, Status> {
        let answer = app::delete_message::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn add_reaction(&self, request: Request<AddReactionRequest>) -> Result<Response<Message>, Status> {
        let answer = app::react_to_message::add(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn remove_reaction(
        &self,
        request: Request<RemoveReactionRequest>,
    ) -> Result<Response<Message>, Status> {
        let answer = app::react_to_message::remove(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }
}
