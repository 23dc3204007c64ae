use tonic::{Request, Response, Status};
use weft_proto::conversation::v1::{
    ListNotificationsRequest, ListNotificationsResponse, ReadNotificationsRequest, ReadNotificationsResponse,
    notifications_server::Notifications,
};
use weft_rpc::{accept, reply, status};

use crate::{Context, app};

#[tonic::async_trait]
impl Notifications for Context {
    async fn list_notifications(
        &self,
        request: Request<ListNotificationsRequest>,
    ) -> Result<Response<ListNotificationsResponse>, Status> {
        app::list_notifications::run(self, accept(request)?).await.map(Response::new).map_err(status)
    }

    async fn read_notifications(
        &self,
        request: Request<ReadNotificationsRequest>,
    ) -> Result<Response<ReadNotificationsResponse>, Status> {
        let answer = app::read_notifications::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }
}
