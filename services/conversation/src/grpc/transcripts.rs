use tonic::{Request, Response, Status};
use weft_proto::conversation::v1::{
    KeepTranscriptRequest, Message, TakeVoiceMessageRequest, transcripts_server::Transcripts,
};
use weft_rpc::{accept_service, reply, status};

use crate::{Context, app};

#[tonic::async_trait]
impl Transcripts for Context {
    async fn keep_transcript(
        &self,
        request: Request<KeepTranscriptRequest>,
    ) -> Result<Response<Message>, Status> {
        let (_, message) = accept_service(request)?;
        app::keep_transcript::run(self, message).await.map(Response::new).map_err(status)
    }

    async fn take_voice_message(
        &self,
        request: Request<TakeVoiceMessageRequest>,
    ) -> Result<Response<Message>, Status> {
        let (service, message) = accept_service(request)?;
        let taken = app::take_voice_message::run(self, &service, message).await.map_err(status)?;
        Ok(reply(taken.value, taken.replayed))
    }
}
