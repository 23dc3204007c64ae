use tonic::{Request, Response, Status};
use weft_proto::conversation::v1::{
    BulkAction, CancelBulkActionRequest, GetBulkActionRequest, ListBulkActionItemsRequest,
    ListBulkActionItemsResponse, StartBulkActionRequest, bulk_actions_server::BulkActions,
};
use weft_rpc::{accept, reply, status};

use crate::{Context, app};

#[tonic::async_trait]
impl BulkActions for Context {
    async fn start_bulk_action(
        &self,
        request: Request<StartBulkActionRequest>,
    ) -> Result<Response<BulkAction>, Status> {
        let answer = app::start_bulk_action::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn get_bulk_action(
        &self,
        request: Request<GetBulkActionRequest>,
    ) -> Result<Response<BulkAction>, Status> {
        app::get_bulk_action::run(self, accept(request)?).await.map(Response::new).map_err(status)
    }

    async fn list_bulk_action_items(
        &self,
        request: Request<ListBulkActionItemsRequest>,
    ) -> Result<Response<ListBulkActionItemsResponse>, Status> {
        app::list_bulk_action_items::run(self, accept(request)?).await.map(Response::new).map_err(status)
    }

    async fn cancel_bulk_action(
        &self,
        request: Request<CancelBulkActionRequest>,
    ) -> Result<Response<BulkAction>, Status> {
        let answer = app::cancel_bulk_action::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }
}
