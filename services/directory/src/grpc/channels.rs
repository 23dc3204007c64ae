use tonic::{Request, Response, Status};
use weft_proto::directory::v1::{
    Channel, ChannelHealth, CreateChannelRequest, DeleteChannelRequest, GetChannelHealthRequest,
    GetChannelRequest, ListChannelKindsRequest, ListChannelKindsResponse, ListChannelLogRequest,
    ListChannelLogResponse, ListChannelsRequest, ListChannelsResponse, RotateChannelSecretRequest,
    UpdateChannelRequest, channels_server::Channels,
};
use weft_rpc::{accept, reply, status};

use super::Methods;
use crate::app::{
    create_channel, delete_channel, get_channel, get_channel_health, list_channel_kinds, list_channel_log,
    list_channels, rotate_channel_secret, update_channel,
};

#[tonic::async_trait]
impl Channels for Methods {
    async fn create_channel(
        &self,
        request: Request<CreateChannelRequest>,
    ) -> Result<Response<Channel>, Status> {
        let call = accept(request)?;
        let intent = self.0.keyed(call.intent);
        let once =
            create_channel::run(&self.0, &call.principal, call.message, &intent).await.map_err(status)?;
        Ok(reply(once.value, once.replayed))
    }

    async fn list_channels(
        &self,
        request: Request<ListChannelsRequest>,
    ) -> Result<Response<ListChannelsResponse>, Status> {
        let call = accept(request)?;
        let page = list_channels::run(&self.0, &call.principal, &call.message).await.map_err(status)?;
        Ok(Response::new(page))
    }

    async fn get_channel(&self, request: Request<GetChannelRequest>) -> Result<Response<Channel>, Status> {
        let call = accept(request)?;
        let channel = get_channel::run(&self.0, &call.principal, &call.message).await.map_err(status)?;
        Ok(Response::new(channel))
    }

    async fn update_channel(
        &self,
        request: Request<UpdateChannelRequest>,
    ) -> Result<Response<Channel>, Status> {
        let call = accept(request)?;
        let intent = self.0.keyed(call.intent);
        let once =
            update_channel::run(&self.0, &call.principal, call.message, &intent).await.map_err(status)?;
        Ok(reply(once.value, once.replayed))
    }

    async fn delete_channel(&self, request: Request<DeleteChannelRequest>) -> Result<Response<()>, Status> {
        let call = accept(request)?;
        let once = delete_channel::run(&self.0, &call.principal, &call.message, &call.intent)
            .await
            .map_err(status)?;
        Ok(reply((), once.replayed))
    }

    async fn rotate_channel_secret(
        &self,
        request: Request<RotateChannelSecretRequest>,
    ) -> Result<Response<Channel>, Status> {
        let call = accept(request)?;
        let once = rotate_channel_secret::run(&self.0, &call.principal, &call.message, &call.intent)
            .await
            .map_err(status)?;
        Ok(reply(once.value, once.replayed))
    }

    async fn get_channel_health(
        &self,
        request: Request<GetChannelHealthRequest>,
    ) -> Result<Response<ChannelHealth>, Status> {
        let call = accept(request)?;
        let health =
            get_channel_health::run(&self.0, &call.principal, &call.message).await.map_err(status)?;
        Ok(Response::new(health))
    }

    async fn list_channel_log(
        &self,
        request: Request<ListChannelLogRequest>,
    ) -> Result<Response<ListChannelLogResponse>, Status> {
        let call = accept(request)?;
        let page = list_channel_log::run(&self.0, &call.principal, &call.message).await.map_err(status)?;
        Ok(Response::new(page))
    }

    async fn list_channel_kinds(
        &self,
        request: Request<ListChannelKindsRequest>,
    ) -> Result<Response<ListChannelKindsResponse>, Status> {
        accept(request)?;
        let kinds = list_channel_kinds::run(&self.0).await.map_err(status)?;
        Ok(Response::new(kinds))
    }
}
