use tonic::{Request, Response, Status};
use weft_proto::directory::v1::{
    ExchangeApiTokenRequest, GetKeysRequest, GetMeRequest, KeySet, LoginRequest, LogoutRequest, Me,
    RefreshRequest, RotateKeysRequest, Tokens, auth_server::Auth,
};
use weft_rpc::{accept, accept_anybody, accept_service, reply, status};

use super::Methods;
use crate::app::{exchange_api_token, get_keys, get_me, refresh_session, rotate_keys, sign_in, sign_out};

#[tonic::async_trait]
impl Auth for Methods {
    async fn login(&self, request: Request<LoginRequest>) -> Result<Response<Tokens>, Status> {
        let tokens = sign_in::run(&self.0, accept_anybody(request)?).await.map_err(status)?;
        Ok(Response::new(tokens))
    }

    async fn refresh(&self, request: Request<RefreshRequest>) -> Result<Response<Tokens>, Status> {
        let call = accept_anybody(request)?;
        let tokens =
            refresh_session::run(&self.0, call.message, call.address.as_deref()).await.map_err(status)?;
        Ok(Response::new(tokens))
    }

    async fn logout(&self, request: Request<LogoutRequest>) -> Result<Response<()>, Status> {
        let call = accept(request)?;
        let once =
            sign_out::run(&self.0, &call.principal, call.message, &call.intent).await.map_err(status)?;
        Ok(reply((), once.replayed))
    }

    async fn get_me(&self, request: Request<GetMeRequest>) -> Result<Response<Me>, Status> {
        let call = accept(request)?;
        let me = get_me::run(&self.0, &call.principal).await.map_err(status)?;
        Ok(Response::new(me))
    }

    async fn get_keys(&self, request: Request<GetKeysRequest>) -> Result<Response<KeySet>, Status> {
        accept_anybody(request)?;
        let keys = get_keys::run(&self.0).await.map_err(status)?;
        Ok(Response::new(keys))
    }

    async fn rotate_keys(&self, request: Request<RotateKeysRequest>) -> Result<Response<KeySet>, Status> {
        let call = accept(request)?;
        let once = rotate_keys::run(&self.0, &call.intent).await.map_err(status)?;
        Ok(reply(once.value, once.replayed))
    }

    async fn exchange_api_token(
        &self,
        request: Request<ExchangeApiTokenRequest>,
    ) -> Result<Response<Tokens>, Status> {
        let (_, message) = accept_service(request)?;
        let tokens = exchange_api_token::run(&self.0, message).await.map_err(status)?;
        Ok(Response::new(tokens))
    }
}
