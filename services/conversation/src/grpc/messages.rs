use tonic::{Request, Response, Status};
use weft_proto::conversation::v1::{
    ListMessagesRequest, ListMessagesResponse, Message, ResolveMessageRequest, SendMessageRequest,
    messages_server::Messages,
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
        let answer = app::send_message::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn resolve_message(
        &self,
        request: Request<ResolveMessageRequest>,
    ) -> Result<Response<Message>, Status> {
        let answer = app::resolve_message::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }
}
