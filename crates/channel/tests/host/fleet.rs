//! A directory and a media service with the fleet's own gRPC in front, as small as they can be.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use tokio::{sync::mpsc, time::timeout};
use tokio_stream::{StreamExt as _, wrappers::ReceiverStream};
use tonic::{Request, Response, Status, Streaming, service::Routes};
use weft_proto::{
    directory::v1::{
        Account, FindTemplateRequest, FindTemplateResponse, GetAccountRequest, Health, KeepTemplatesRequest,
        ListAccountsRequest, ListAccountsResponse, ReportHealthRequest, StoreSecretsRequest,
        channel_accounts_server::{ChannelAccounts, ChannelAccountsServer},
        template_store_server::{TemplateStore, TemplateStoreServer},
    },
    media::v1::{
        DescribeFilesRequest, DescribeFilesResponse, File, HoldFilesRequest, HoldFilesResponse, ReadFilePart,
        ReadFileRequest, ReleaseFilesRequest, ReleaseFilesResponse, StoreFilePart,
        file_transfer_server::{FileTransfer, FileTransferServer},
        read_file_part, store_file_part,
    },
};

use crate::rig::PATIENCE;

#[derive(Clone)]
pub(crate) struct Fleet(Arc<Inner>);

struct Inner {
    accounts: Mutex<BTreeMap<String, Account>>,
    health: mpsc::UnboundedSender<(String, Health)>,
    lookups: Mutex<usize>,
    files: Mutex<BTreeMap<String, Vec<u8>>>,
    uploads: Mutex<usize>,
    kept: mpsc::UnboundedSender<KeepTemplatesRequest>,
    to_keep: tokio::sync::Mutex<mpsc::UnboundedReceiver<KeepTemplatesRequest>>,
}

impl Fleet {
    pub(crate) fn new() -> (Self, mpsc::UnboundedReceiver<(String, Health)>) {
        let (health, reports) = mpsc::unbounded_channel();
        let (kept, to_keep) = mpsc::unbounded_channel();
        let inner = Inner {
            accounts: Mutex::default(),
            health,
            lookups: Mutex::default(),
            files: Mutex::default(),
            uploads: Mutex::default(),
            kept,
            to_keep: tokio::sync::Mutex::new(to_keep),
        };
        (Self(Arc::new(inner)), reports)
    }

    pub(crate) fn routes(&self) -> Routes {
        Routes::new(ChannelAccountsServer::new(self.clone()))
            .add_service(FileTransferServer::new(self.clone()))
            .add_service(TemplateStoreServer::new(self.clone()))
    }

    pub(crate) fn put(&self, account: Account) {
        self.0.accounts.lock().unwrap().insert(account.channel_id.clone(), account);
    }

    pub(crate) fn account(&self, id: &str) -> Account {
        self.0.accounts.lock().unwrap()[id].clone()
    }

    pub(crate) fn lookups(&self) -> usize {
        *self.0.lookups.lock().unwrap()
    }

    pub(crate) fn put_file(&self, id: &str, bytes: Vec<u8>) {
        self.0.files.lock().unwrap().insert(id.to_owned(), bytes);
    }

    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        self.0.files.lock().unwrap().clone()
    }

    /// The templates that it is next told to keep.
    pub(crate) async fn kept(&self) -> KeepTemplatesRequest {
        let mut to_keep = self.0.to_keep.lock().await;
        timeout(PATIENCE, to_keep.recv()).await.expect("templates in time").unwrap()
    }

    pub(crate) fn uploads(&self) -> usize {
        *self.0.uploads.lock().unwrap()
    }
}

#[tonic::async_trait]
impl ChannelAccounts for Fleet {
    async fn get_account(&self, request: Request<GetAccountRequest>) -> Result<Response<Account>, Status> {
        let (service, message) = weft_rpc::accept_service(request)?;
        assert_eq!(service, "channel-toy");
        *self.0.lookups.lock().unwrap() += 1;
        let found = self.0.accounts.lock().unwrap().get(&message.channel_id).cloned();
        found.map(Response::new).ok_or_else(|| weft_rpc::status(weft_domain::Error::not_found("channel")))
    }

    async fn list_accounts(
        &self,
        request: Request<ListAccountsRequest>,
    ) -> Result<Response<ListAccountsResponse>, Status> {
        let (_, message) = weft_rpc::accept_service(request)?;
        let accounts = self.0.accounts.lock().unwrap();
        let items =
            accounts.values().filter(|one| one.enabled && one.kind == message.kind).cloned().collect();
        Ok(Response::new(ListAccountsResponse { items }))
    }

    async fn report_health(&self, request: Request<ReportHealthRequest>) -> Result<Response<()>, Status> {
        let (_, message) = weft_rpc::accept_service(request)?;
        self.0.health.send((message.channel_id, message.health.unwrap())).unwrap();
        Ok(Response::new(()))
    }

    async fn store_secrets(&self, request: Request<StoreSecretsRequest>) -> Result<Response<()>, Status> {
        let (_, message) = weft_rpc::accept_service(request)?;
        let mut accounts = self.0.accounts.lock().unwrap();
        let account = accounts.get_mut(&message.channel_id).unwrap();
        let secrets = account.secrets.get_or_insert_default();
        secrets.fields.extend(message.secrets.unwrap().fields);
        account.version += 1;
        Ok(Response::new(()))
    }
}

#[tonic::async_trait]
impl TemplateStore for Fleet {
    async fn keep_templates(&self, request: Request<KeepTemplatesRequest>) -> Result<Response<()>, Status> {
        let (_, message) = weft_rpc::accept_service(request)?;
        self.0.kept.send(message).unwrap();
        Ok(Response::new(()))
    }

    async fn find_template(
        &self,
        _: Request<FindTemplateRequest>,
    ) -> Result<Response<FindTemplateResponse>, Status> {
        Err(Status::unimplemented("hosts look for no template"))
    }
}

#[tonic::async_trait]
impl FileTransfer for Fleet {
    type ReadFileStream = ReceiverStream<Result<ReadFilePart, Status>>;

    async fn store_file(&self, request: Request<Streaming<StoreFilePart>>) -> Result<Response<File>, Status> {
        let mut parts = request.into_inner();
        let (mut key, mut bytes, mut whole) = (String::new(), Vec::new(), false);
        while let Some(part) = parts.next().await {
            match part?.part.unwrap() {
                store_file_part::Part::Head(head) => key = head.key,
                store_file_part::Part::Data(data) => bytes.extend_from_slice(&data),
                store_file_part::Part::End(end) => whole = end.size == bytes.len() as u64,
            }
        }
        if !whole {
            return Err(Status::invalid_argument("the file is not whole"));
        }
        *self.0.uploads.lock().unwrap() += 1;
        let size = u64::try_from(bytes.len()).unwrap();
        self.0.files.lock().unwrap().entry(key.clone()).or_insert(bytes);
        Ok(Response::new(File { id: key, mime: "text/plain".to_owned(), size, ..File::default() }))
    }

    async fn read_file(
        &self,
        request: Request<ReadFileRequest>,
    ) -> Result<Response<Self::ReadFileStream>, Status> {
        let (_, message) = weft_rpc::accept_service(request)?;
        let found = self.0.files.lock().unwrap().get(&message.id).cloned();
        let bytes = found.ok_or_else(|| weft_rpc::status(weft_domain::Error::not_found("file")))?;
        let (sender, parts) = mpsc::channel(2000);
        let url = Some(format!("/files/{}", message.id));
        let head = File { id: message.id, mime: "text/plain".to_owned(), url, ..File::default() };
        let send = |part| sender.try_send(Ok(ReadFilePart { part: Some(part) })).unwrap();
        send(read_file_part::Part::Head(head));
        bytes.chunks(1000).for_each(|chunk| send(read_file_part::Part::Data(chunk.to_vec().into())));
        Ok(Response::new(ReceiverStream::new(parts)))
    }

    async fn describe_files(
        &self,
        _: Request<DescribeFilesRequest>,
    ) -> Result<Response<DescribeFilesResponse>, Status> {
        Err(Status::unimplemented("not asked for"))
    }

    async fn hold_files(&self, _: Request<HoldFilesRequest>) -> Result<Response<HoldFilesResponse>, Status> {
        Err(Status::unimplemented("not asked for"))
    }

    async fn release_files(
        &self,
        _: Request<ReleaseFilesRequest>,
    ) -> Result<Response<ReleaseFilesResponse>, Status> {
        Err(Status::unimplemented("not asked for"))
    }
}
