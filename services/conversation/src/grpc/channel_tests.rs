use tonic::{Request, Response, Status};
use weft_proto::conversation::v1::{Message, TestChannelRequest, channel_tests_server::ChannelTests};
use weft_rpc::{accept, reply, status};

use crate::{Context, app};

#[tonic::async_trait]
impl ChannelTests for Context {
    async fn test_channel(&self, request: Request<TestChannelRequest>) -> Result<Response<Message>, Status> {
        let answer = app::test_channel::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }
}
