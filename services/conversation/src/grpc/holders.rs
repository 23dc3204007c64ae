use tonic::{Request, Response, Status};
use weft_proto::conversation::v1::{
    Conversation, ListHoldersRequest, ListHoldersResponse, ListReadersRequest, ListReadersResponse,
    TransferConversationRequest, holders_server::Holders,
};
use weft_rpc::{accept, reply, status};

use crate::{Context, app};

#[tonic::async_trait]
impl Holders for Context {
    async fn transfer_conversation(
        &self,
        request: Request<TransferConversationRequest>,
    ) -> Result<Response<Conversation>, Status> {
        let answer = app::transfer_conversation::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn list_holders(
        &self,
        request: Request<ListHoldersRequest>,
    ) -> Result<Response<ListHoldersResponse>, Status> {
        app::list_holders::run(self, accept(request)?).await.map(Response::new).map_err(status)
    }

    async fn list_readers(
        &self,
        request: Request<ListReadersRequest>,
    ) -> Result<Response<ListReadersResponse>, Status> {
        app::list_readers::run(self, accept(request)?).await.map(Response::new).map_err(status)
    }
}
