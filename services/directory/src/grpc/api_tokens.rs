use tonic::{Request, Response, Status};
use weft_proto::directory::v1::{
    ApiToken, CreateApiTokenRequest, ListApiTokensRequest, ListApiTokensResponse, RevokeApiTokenRequest,
    api_tokens_server::ApiTokens,
};
use weft_rpc::{accept, reply, status};

use super::Methods;
use crate::app::{create_api_token, list_api_tokens, revoke_api_token};

#[tonic::async_trait]
impl ApiTokens for Methods {
    async fn create_api_token(
        &self,
        request: Request<CreateApiTokenRequest>,
    ) -> Result<Response<ApiToken>, Status> {
        let call = accept(request)?;
        let once = create_api_token::run(&self.0, &call.principal, call.message, &call.intent)
            .await
            .map_err(status)?;
        Ok(reply(once.value, once.replayed))
    }

    async fn list_api_tokens(
        &self,
        request: Request<ListApiTokensRequest>,
    ) -> Result<Response<ListApiTokensResponse>, Status> {
        let call = accept(request)?;
        let page = list_api_tokens::run(&self.0, &call.principal, &call.message).await.map_err(status)?;
        Ok(Response::new(page))
    }

    async fn revoke_api_token(
        &self,
        request: Request<RevokeApiTokenRequest>,
    ) -> Result<Response<()>, Status> {
        let call = accept(request)?;
        let once = revoke_api_token::run(&self.0, &call.principal, &call.message, &call.intent)
            .await
            .map_err(status)?;
        Ok(reply((), once.replayed))
    }
}
