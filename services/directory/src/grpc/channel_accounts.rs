use tonic::{Request, Response, Status};
use weft_proto::directory::v1::{
    Account, GetAccountRequest, ListAccountsRequest, ListAccountsResponse, ReportHealthRequest,
    StoreSecretsRequest, channel_accounts_server::ChannelAccounts,
};
use weft_rpc::{accept_service, status};

use super::Methods;
use crate::app::{get_account, list_accounts, report_health, store_secrets};

#[tonic::async_trait]
impl ChannelAccounts for Methods {
    async fn get_account(&self, request: Request<GetAccountRequest>) -> Result<Response<Account>, Status> {
        let (_, message) = accept_service(request)?;
        let account = get_account::run(&self.0, &message).await.map_err(status)?;
        Ok(Response::new(account))
    }

    async fn list_accounts(
        &self,
        request: Request<ListAccountsRequest>,
    ) -> Result<Response<ListAccountsResponse>, Status> {
        let (_, message) = accept_service(request)?;
        let accounts = list_accounts::run(&self.0, &message).await.map_err(status)?;
        Ok(Response::new(accounts))
    }

    async fn report_health(&self, request: Request<ReportHealthRequest>) -> Result<Response<()>, Status> {
        let (_, message) = accept_service(request)?;
        report_health::run(&self.0, message).await.map_err(status)?;
        Ok(Response::new(()))
    }

    async fn store_secrets(&self, request: Request<StoreSecretsRequest>) -> Result<Response<()>, Status> {
        let (_, message) = accept_service(request)?;
        store_secrets::run(&self.0, message).await.map_err(status)?;
        Ok(Response::new(()))
    }
}
