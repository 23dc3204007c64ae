use std::collections::BTreeMap;

use prost_types::{Struct, Value, value::Kind};
use secrecy::{ExposeSecret as _, SecretString};
use weft_domain::{Result, id::ChannelId};
use weft_proto::directory::v1::{
    Account, GetAccountRequest, Health, KeepTemplatesRequest, ListAccountsRequest, ReportHealthRequest,
    StoreSecretsRequest, channel_accounts_client::ChannelAccountsClient, health::Status,
    template_store_client::TemplateStoreClient,
};
use weft_rpc::{Client, error};

/// The directory, as far as adapters need it.
#[derive(Clone)]
pub(crate) struct Directory {
    accounts: ChannelAccountsClient<Client>,
    templates: TemplateStoreClient<Client>,
}

impl Directory {
    pub(crate) fn new(client: Client) -> Self {
        Self {
            accounts: ChannelAccountsClient::new(client.clone()),
            templates: TemplateStoreClient::new(client),
        }
    }

    pub(crate) async fn account(&self, channel: &ChannelId) -> Result<Account> {
        let request = GetAccountRequest { channel_id: channel.to_string() };
        let answer = self.accounts.clone().get_account(request).await;
        answer.map(tonic::Response::into_inner).map_err(|status| error(&status))
    }

    /// All accounts that are switched on.
    pub(crate) async fn accounts(&self, kind: &str) -> Result<Vec<Account>> {
        let answer = self.accounts.clone().list_accounts(ListAccountsRequest { kind: kind.to_owned() }).await;
        answer.map(|found| found.into_inner().items).map_err(|status| error(&status))
    }

    pub(crate) async fn report(&self, channel: &ChannelId, status: Status, detail: &str) -> Result<()> {
        let health = Health { status: status.into(), detail: detail.to_owned(), ..Health::default() };
        self.report_as(channel, health).await
    }

    /// The same with all there is to say.
    pub(crate) async fn report_as(&self, channel: &ChannelId, health: Health) -> Result<()> {
        let request = ReportHealthRequest { channel_id: channel.to_string(), health: Some(health) };
        let answer = self.accounts.clone().report_health(request).await;
        answer.map(|_| ()).map_err(|status| error(&status))
    }

    /// Keeps templates as the provider lists them.
    pub(crate) async fn keep_templates(&self, request: KeepTemplatesRequest) -> Result<()> {
        let answer = self.templates.clone().keep_templates(request).await;
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
        let answer = self.accounts.clone().store_secrets(request).await;
        answer.map(|_| ()).map_err(|status| error(&status))
    }
}
