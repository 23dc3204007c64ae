use tonic::{Request, Response, Status};
use weft_proto::conversation::v1::{
    GetSilenceSettingsRequest, SilenceSettings, UpdateSilenceSettingsRequest, silence_server::Silence,
};
use weft_rpc::{accept, reply, status};

use crate::{Context, app};

#[tonic::async_trait]
impl Silence for Context {
    async fn get_silence_settings(
        &self,
        request: Request<GetSilenceSettingsRequest>,
    ) -> Result<Response<SilenceSettings>, Status> {
        app::get_silence_settings::run(self, accept(request)?).await.map(Response::new).map_err(status)
    }

    async fn update_silence_settings(
        &self,
        request: Request<UpdateSilenceSettingsRequest>,
    ) -> Result<Response<SilenceSettings>, Status> {
        let answer = app::update_silence_settings::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }
}
