use tonic::{Request, Response, Status};
use weft_proto::voice::v1::{
    GetVoiceSettingsRequest, Settings, UpdateVoiceSettingsRequest, voice_settings_server::VoiceSettings,
};
use weft_rpc::{accept, reply, status};

use crate::{Context, app};

#[tonic::async_trait]
impl VoiceSettings for Context {
    async fn get_voice_settings(
        &self,
        request: Request<GetVoiceSettingsRequest>,
    ) -> Result<Response<Settings>, Status> {
        app::get_settings::run(self, accept(request)?).await.map(Response::new).map_err(status)
    }

    async fn update_voice_settings(
        &self,
        request: Request<UpdateVoiceSettingsRequest>,
    ) -> Result<Response<Settings>, Status> {
        let answer = app::update_settings::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }
}
