use std::collections::BTreeMap;

use prost_types::{Struct, Value, value::Kind};
use secrecy::{ExposeSecret as _, SecretString};
use weft_domain::{Result, id::ChannelId};
use weft_proto::directory::v1::{
    Account, GetAccountRequest, Health, ListAccountsRequest, ReportHealthRequest, StoreSecretsRequest,
    channel_accounts_client::ChannelAccountsClient, health::Status,
};
use weft_rpc::{Client, error};

/// The directory, as far as adapters need it.
#[derive(Clone)]
pub(crate) struct Directory(ChannelAccountsClient<Client>);

impl Directory {
    pub(crate) fn new(client: Client) -> Self {
        Self(ChannelAccountsClient::new(client))
    }

    pub(crate) async fn account(&self, channel: &ChannelId) -> Result<Account> {
        let request = GetAccountRequest { channel_id: channel.to_string() };
        let answer = self.0.clone().get_account(request).await;
        answer.map(tonic::Response::into_inner).map_err(|status| error(&status))
    }

    /// All accounts that are switched on.
    pub(crate) async fn accounts(&self, kind: &str) -> Result<Vec<Account>> {
        let answer = self.0.clone().list_accounts(ListAccountsRequest { kind: kind.to_owned() }).await;
        answer.map(|found| found.into_inner().items).map_err(|status| error(&status))
    }

    pub(crate) async fn report(&self, channel: &ChannelId, status: Status, detail: &str) -> Result<()> {
        let health = Health { status: status.into(), detail: detail.to_owned(), checked_at: None };
        let request = ReportHealthRequest { channel_id: channel.to_string(), health: Some(health) };
        let answer = self.0.clone().report_health(request).await;
        answer.map(|_| ()).map_err(|status| error(&status))
    }

    pub(crate) async fn store_secrets(
        &self,
        channel: &ChannelId,
        secrets: &BTreeMap<String, SecretString>,
    ) -> Result<()> {
        let field = |secret: &SecretString| Value {
            kind: Some(Kind::StringValue(secret.expose_secret().to_owned())),
        };
        let fields = secrets.iter().map(|(name, secret)| (name.clone(), field(secret))).collect();
        let request =
            StoreSecretsRequest { channel_id: channel.to_string(), secrets: Some(Struct { fields }) };
        let answer = self.0.clone().store_secrets(request).await;
        answer.map(|_| ()).map_err(|status| error(&status))
    }
}
