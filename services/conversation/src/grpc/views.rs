use tonic::{Request, Response, Status};
use weft_proto::conversation::v1::{
    CreateViewRequest, DeleteViewRequest, ListViewsRequest, ListViewsResponse, UpdateViewRequest, View,
    views_server::Views,
};
use weft_rpc::{accept, reply, status};

use crate::{Context, app};

#[tonic::async_trait]
impl Views for Context {
    async fn list_views(
        &self,
        request: Request<ListViewsRequest>,
    ) -> Result<Response<ListViewsResponse>, Status> {
        app::list_views::run(self, accept(request)?).await.map(Response::new).map_err(status)
    }

    async fn create_view(&self, request: Request<CreateViewRequest>) -> Result<Response<View>, Status> {
        let answer = app::create_view::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn update_view(&self, request: Request<UpdateViewRequest>) -> Result<Response<View>, Status> {
        let answer = app::update_view::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn delete_view(&self, request: Request<DeleteViewRequest>) -> Result<Response<()>, Status> {
        let answer = app::delete_view::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply((), answer.replayed))
    }
}
