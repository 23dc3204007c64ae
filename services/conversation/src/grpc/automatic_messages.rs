use tonic::{Request, Response, Status};
use weft_proto::conversation::v1::{
    CheckAutomaticMessageRequest, SendAutomaticMessageRequest, SendAutomaticMessageResponse,
    automatic_messages_server::AutomaticMessages,
};
use weft_rpc::{accept_service, status};

use crate::{Context, app};

#[tonic::async_trait]
impl AutomaticMessages for Context {
    async fn check_automatic_message(
        &self,
        request: Request<CheckAutomaticMessageRequest>,
    ) -> Result<Response<()>, Status> {
        let (_, message) = accept_service(request)?;
        app::check_automatic_message::run(&message).map(Response::new).map_err(status)
    }

    async fn send_automatic_message(
        &self,
        request: Request<SendAutomaticMessageRequest>,
    ) -> Result<Response<SendAutomaticMessageResponse>, Status> {
        let (service, message) = accept_service(request)?;
        let answer = Box::pin(app::send_automatic_message::run(self, &service, message)).await;
        answer.map(Response::new).map_err(status)
    }
}
