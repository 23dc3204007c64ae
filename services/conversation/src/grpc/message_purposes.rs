use tonic::{Request, Response, Status};
use weft_proto::conversation::v1::{
    Message, SetMessagePurposeRequest, message_purposes_server::MessagePurposes,
};
use weft_rpc::{accept, reply, status};

use crate::{Context, app};

#[tonic::async_trait]
impl MessagePurposes for Context {
    async fn set_message_purpose(
        &self,
        request: Request<SetMessagePurposeRequest>,
    ) -> Result<Response<Message>, Status> {
        let answer = app::set_message_purpose::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }
}
