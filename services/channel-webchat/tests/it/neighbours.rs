//! What the web chat asks of other services, kept in memory: they are on its own floor.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
};

use prost_types::{ListValue, Struct, Value, value::Kind};
use tonic::{Request, Response, Status};
use weft_proto::{
    conversation::v1::{ListMessagesResponse, ListThreadRequest, Message, threads_server::Threads},
    directory::v1::{
        Account, GetAccountRequest, ListAccountsRequest, ListAccountsResponse, ReportHealthRequest,
        StoreSecretsRequest, channel_accounts_server::ChannelAccounts, health,
    },
};

/// The accounts of a directory, and those that were reported to be connected.
#[derive(Clone, Default)]
pub(crate) struct Directory {
    pub(crate) accounts: Arc<Mutex<HashMap<String, Account>>>,
    pub(crate) connected: Arc<Mutex<HashSet<String>>>,
}

#[tonic::async_trait]
impl ChannelAccounts for Directory {
    async fn get_account(&self, request: Request<GetAccountRequest>) -> Result<Response<Account>, Status> {
        let found = self.accounts.lock().unwrap().get(&request.get_ref().channel_id).cloned();
        found.map(Response::new).ok_or_else(|| weft_rpc::status(weft_domain::Error::not_found("channel")))
    }

    async fn list_accounts(
        &self,
        request: Request<ListAccountsRequest>,
    ) -> Result<Response<ListAccountsResponse>, Status> {
        let wanted = |account: &&Account| account.enabled && account.kind == request.get_ref().kind;
        let items = self.accounts.lock().unwrap().values().filter(wanted).cloned().collect();
        Ok(Response::new(ListAccountsResponse { items }))
    }

    async fn report_health(&self, request: Request<ReportHealthRequest>) -> Result<Response<()>, Status> {
        let ReportHealthRequest { channel_id, health } = request.into_inner();
        if health.unwrap().status() == health::Status::Connected {
            self.connected.lock().unwrap().insert(channel_id);
        }
        Ok(Response::new(()))
    }

    async fn store_secrets(&self, request: Request<StoreSecretsRequest>) -> Result<Response<()>, Status> {
        let StoreSecretsRequest { channel_id, secrets } = request.into_inner();
        let mut accounts = self.accounts.lock().unwrap();
        let account = accounts.get_mut(&channel_id).unwrap();
        let kept = account.secrets.get_or_insert_default();
        kept.fields.extend(secrets.unwrap().fields);
        account.version += 1;
        Ok(Response::new(()))
    }
}

/// The threads of a conversation service.
#[derive(Clone, Default)]
pub(crate) struct Conversation(pub(crate) Arc<Mutex<HashMap<String, Vec<Message>>>>);

#[tonic::async_trait]
impl Threads for Conversation {
    async fn list_thread(
        &self,
        request: Request<ListThreadRequest>,
    ) -> Result<Response<ListMessagesResponse>, Status> {
        let asked = request.into_inner();
        let threads = self.0.lock().unwrap();
        let all = threads.get(&asked.thread_id).cloned().unwrap_or_default();
        let mut items: Vec<_> = all.into_iter().filter(|message| message.seq > asked.after_seq).collect();
        let limit = usize::try_from(asked.limit).unwrap();
        let next_page_token = if items.len() > limit { "more" } else { "" }.to_owned();
        items.truncate(limit);
        Ok(Response::new(ListMessagesResponse { items, next_page_token }))
    }
}

pub(crate) fn texts(name: &str, values: &[&str]) -> Struct {
    let text = |value: &&str| Value { kind: Some(Kind::StringValue((*value).to_owned())) };
    let list = ListValue { values: values.iter().map(text).collect() };
    Struct { fields: [(name.to_owned(), Value { kind: Some(Kind::ListValue(list)) })].into() }
}
