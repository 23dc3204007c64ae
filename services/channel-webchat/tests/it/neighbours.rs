//! What the web chat asks of other services, kept in memory: they are on its own floor.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
};

use prost_types::{ListValue, Struct, Value, value::Kind};
use tonic::{Request, Response, Status, Streaming};
use weft_domain::id;
use weft_proto::{
    automation::v1::{GetStaffingRequest, GetStaffingResponse, staffing_server::Staffing},
    conversation::v1::{ListThreadRequest, ListThreadResponse, Message, threads_server::Threads},
    directory::v1::{
        Account, GetAccountRequest, ListAccountsRequest, ListAccountsResponse, ReportHealthRequest,
        StoreSecretsRequest, channel_accounts_server::ChannelAccounts, health,
    },
    media::v1::{
        DescribeFilesRequest, DescribeFilesResponse, File, HoldFilesRequest, HoldFilesResponse, ReadFilePart,
        ReadFileRequest, ReleaseFilesRequest, ReleaseFilesResponse, StoreFilePart,
        file_transfer_server::FileTransfer, read_file_part, store_file_part::Part,
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

/// The threads of a conversation service; our side has read the first message of each.
#[derive(Clone, Default)]
pub(crate) struct Conversation(pub(crate) Arc<Mutex<HashMap<String, Vec<Message>>>>);

#[tonic::async_trait]
impl Threads for Conversation {
    async fn list_thread(
        &self,
        request: Request<ListThreadRequest>,
    ) -> Result<Response<ListThreadResponse>, Status> {
        let asked = request.into_inner();
        let threads = self.0.lock().unwrap();
        let all = threads.get(&asked.thread_id).cloned().unwrap_or_default();
        let mut items: Vec<_> = all.into_iter().filter(|message| message.seq > asked.after_seq).collect();
        let limit = usize::try_from(asked.limit).unwrap();
        let next_page_token = if items.len() > limit { "more" } else { "" }.to_owned();
        items.truncate(limit);
        Ok(Response::new(ListThreadResponse { items, next_page_token, read_seq: 1 }))
    }
}

/// How many agents are available, and how many away.
#[derive(Clone, Default)]
pub(crate) struct Automation(pub(crate) Arc<Mutex<(u32, u32)>>);

#[tonic::async_trait]
impl Staffing for Automation {
    async fn get_staffing(
        &self,
        _request: Request<GetStaffingRequest>,
    ) -> Result<Response<GetStaffingResponse>, Status> {
        let (available, away) = *self.0.lock().unwrap();
        Ok(Response::new(GetStaffingResponse { available, away }))
    }
}

/// Files by their key, as the media service keeps them: a known key is answered before any byte is read.
#[derive(Clone, Default)]
pub(crate) struct Media(pub(crate) Arc<Mutex<Kept>>);

type Kept = HashMap<String, (File, Vec<u8>)>;

#[tonic::async_trait]
impl FileTransfer for Media {
    type ReadFileStream = futures::stream::BoxStream<'static, Result<ReadFilePart, Status>>;

    async fn store_file(&self, request: Request<Streaming<StoreFilePart>>) -> Result<Response<File>, Status> {
        let mut parts = request.into_inner();
        let Some(Part::Head(head)) = parts.message().await?.and_then(|part| part.part) else {
            return Err(Status::invalid_argument("no head"));
        };
        if let Some((known, _)) = self.0.lock().unwrap().get(&head.key) {
            return Ok(Response::new(known.clone()));
        }
        let (mut bytes, mut whole) = (Vec::new(), false);
        while let Some(part) = parts.message().await? {
            match part.part {
                Some(Part::Data(data)) => bytes.extend_from_slice(&data),
                other => whole = matches!(other, Some(Part::End(end)) if end.size == bytes.len() as u64),
            }
        }
        if !whole {
            return Err(Status::invalid_argument("the file is not whole"));
        }
        let is_page = bytes.starts_with(b"<html");
        let mime = if is_page { "application/octet-stream".to_owned() } else { head.declared_mime };
        weft_domain::media_type::check(&head.accept, &mime).map_err(weft_rpc::status)?;
        let file = File {
            id: id::new::<id::File>().to_string(),
            name: head.name,
            mime,
            size: u64::try_from(bytes.len()).unwrap(),
            ..File::default()
        };
        self.0.lock().unwrap().insert(head.key, (file.clone(), bytes));
        Ok(Response::new(file))
    }

    async fn read_file(
        &self,
        request: Request<ReadFileRequest>,
    ) -> Result<Response<Self::ReadFileStream>, Status> {
        let ReadFileRequest { tenant_id, id, subject } = request.into_inner();
        let url = Some(format!("/files/{id}?of={tenant_id}&for={subject}"));
        let head = File { id, mime: "image/gif".to_owned(), url, ..File::default() };
        let part = |part| Ok(ReadFilePart { part: Some(part) });
        let parts = [part(read_file_part::Part::Head(head)), part(read_file_part::Part::Data("GIF".into()))];
        Ok(Response::new(Box::pin(futures::stream::iter(parts))))
    }

    async fn describe_files(
        &self,
        _request: Request<DescribeFilesRequest>,
    ) -> Result<Response<DescribeFilesResponse>, Status> {
        Err(Status::unimplemented("nobody asks"))
    }

    async fn hold_files(&self, _: Request<HoldFilesRequest>) -> Result<Response<HoldFilesResponse>, Status> {
        Err(Status::unimplemented("nobody asks"))
    }

    async fn release_files(
        &self,
        _: Request<ReleaseFilesRequest>,
    ) -> Result<Response<ReleaseFilesResponse>, Status> {
        Err(Status::unimplemented("nobody asks"))
    }
}

/// JSON as services hand settings on.
pub(crate) fn fields(object: &serde_json::Value) -> Struct {
    let fields =
        object.as_object().unwrap().iter().map(|(name, value)| (name.clone(), field(value))).collect();
    Struct { fields }
}

fn field(value: &serde_json::Value) -> Value {
    use serde_json::Value as Json;
    let kind = match value {
        Json::Null => Kind::NullValue(0),
        Json::Bool(value) => Kind::BoolValue(*value),
        Json::Number(value) => Kind::NumberValue(value.as_f64().unwrap()),
        Json::String(text) => Kind::StringValue(text.clone()),
        Json::Array(values) => Kind::ListValue(ListValue { values: values.iter().map(field).collect() }),
        Json::Object(_) => Kind::StructValue(fields(value)),
    };
    Value { kind: Some(kind) }
}
