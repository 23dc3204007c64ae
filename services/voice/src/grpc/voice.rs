use tonic::{
    Request, Response, Status,
    metadata::{Ascii, MetadataValue},
};
use weft_proto::voice::v1::{
    GetSpokenAnswerRequest, SendVoiceMessageRequest, Speech, SpokenAnswer, SynthesizeRequest,
    TranscribeRequest, Transcription, VoiceMessage, voice_server::Voice,
};
use weft_rpc::{accept, reply, status};

use crate::{Context, app};

#[tonic::async_trait]
impl Voice for Context {
    async fn transcribe(
        &self,
        request: Request<TranscribeRequest>,
    ) -> Result<Response<Transcription>, Status> {
        let answer = app::transcribe_file::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn synthesize(&self, request: Request<SynthesizeRequest>) -> Result<Response<Speech>, Status> {
        let answer = app::synthesize_text::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn send_voice_message(
        &self,
        request: Request<SendVoiceMessageRequest>,
    ) -> Result<Response<VoiceMessage>, Status> {
        let bearer = bearer(&request);
        let answer = app::send_voice_message::run(self, accept(request)?, bearer).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn get_spoken_answer(
        &self,
        request: Request<GetSpokenAnswerRequest>,
    ) -> Result<Response<SpokenAnswer>, Status> {
        app::get_spoken_answer::run(self, accept(request)?).await.map(Response::new).map_err(status)
    }
}

/// The caller's own token, which travels along (AU-13).
fn bearer<M>(request: &Request<M>) -> Option<MetadataValue<Ascii>> {
    request.metadata().get("authorization").cloned()
}
