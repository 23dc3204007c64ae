use tonic::{Request, Response, Status};
use weft_proto::conversation::v1::{
    CancelScheduledMessageRequest, ListScheduledMessagesRequest, ListScheduledMessagesResponse,
    ScheduleMessageRequest, ScheduledMessage, UpdateScheduledMessageRequest,
    scheduled_messages_server::ScheduledMessages,
};
use weft_rpc::{accept, reply, status};

use crate::{Context, app};

#[tonic::async_trait]
impl ScheduledMessages for Context {
    async fn list_scheduled_messages(
        &self,
        request: Request<ListScheduledMessagesRequest>,
    ) -> Result<Response<ListScheduledMessagesResponse>, Status> {
        app::list_scheduled_messages::run(self, accept(request)?).await.map(Response::new).map_err(status)
    }

    async fn schedule_message(
        &self,
        request: Request<ScheduleMessageRequest>,
    ) -> Result<Response<ScheduledMessage>, Status> {
        let answer = app::schedule_message::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn update_scheduled_message(
        &self,
        request: Request<UpdateScheduledMessageRequest>,
    ) -> Result<Response<ScheduledMessage>, Status> {
        let answer = app::update_scheduled_message::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn cancel_scheduled_message(
        &self,
        request: Request<CancelScheduledMessageRequest>,
    ) -> Result<Response<ScheduledMessage>, Status> {
        let answer = app::cancel_scheduled_message::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }
}
