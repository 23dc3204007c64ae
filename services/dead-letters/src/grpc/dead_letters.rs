use tonic::{Request, Response, Status};
use weft_proto::dead_letters::v1::{
    DeadLetter, DiscardDeadLetterRequest, DiscardDeadLettersRequest, DiscardDeadLettersResponse,
    GetDeadLetterRequest, ListDeadLettersRequest, ListDeadLettersResponse, ReplayDeadLetterRequest,
    ReplayDeadLettersRequest, ReplayDeadLettersResponse, dead_letters_server::DeadLetters,
};
use weft_rpc::{accept, reply, status};

use super::Methods;
use crate::app::{discard_letter, discard_letters, get_letter, list_letters, replay_letter, request_replays};

#[tonic::async_trait]
impl DeadLetters for Methods {
    async fn list_dead_letters(
        &self,
        request: Request<ListDeadLettersRequest>,
    ) -> Result<Response<ListDeadLettersResponse>, Status> {
        list_letters::run(&self.0, accept(request)?).await.map(Response::new).map_err(status)
    }

    async fn get_dead_letter(
        &self,
        request: Request<GetDeadLetterRequest>,
    ) -> Result<Response<DeadLetter>, Status> {
        get_letter::run(&self.0, accept(request)?).await.map(Response::new).map_err(status)
    }

    async fn replay_dead_letter(
        &self,
        request: Request<ReplayDeadLetterRequest>,
    ) -> Result<Response<DeadLetter>, Status> {
        replay_letter::run(&self.0, accept(request)?)
            .await
            .map(|once| reply(once.value, once.replayed))
            .map_err(status)
    }

    async fn discard_dead_letter(
        &self,
        request: Request<DiscardDeadLetterRequest>,
    ) -> Result<Response<DeadLetter>, Status> {
        discard_letter::run(&self.0, accept(request)?)
            .await
            .map(|once| reply(once.value, once.replayed))
            .map_err(status)
    }

    async fn replay_dead_letters(
        &self,
        request: Request<ReplayDeadLettersRequest>,
    ) -> Result<Response<ReplayDeadLettersResponse>, Status> {
        request_replays::run(&self.0, accept(request)?)
            .await
            .map(|once| reply(once.value, once.replayed))
            .map_err(status)
    }

    async fn discard_dead_letters(
        &self,
        request: Request<DiscardDeadLettersRequest>,
    ) -> Result<Response<DiscardDeadLettersResponse>, Status> {
        discard_letters::run(&self.0, accept(request)?)
            .await
            .map(|once| reply(once.value, once.replayed))
            .map_err(status)
    }
}
