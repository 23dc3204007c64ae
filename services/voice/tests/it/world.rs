//! Files and conversations as the voice service sees them.

use std::{collections::HashMap, sync::Arc};

use futures::{StreamExt as _, stream, stream::BoxStream};
use tokio::sync::Mutex;
use tonic::{Request, Response, Status, Streaming, service::Routes};
use weft_bus::{Bus, Event, Stream};
use weft_domain::{Error, id};
use weft_proto::{
    conversation::v1::{
        AddReactionRequest, Attachment, DeleteMessageRequest, EditMessageRequest, KeepTranscriptRequest,
        ListMessagesRequest, ListMessagesResponse, Message, RemoveReactionRequest, ResolveMessageRequest,
        SendMessageRequest, TakeVoiceMessageRequest, attachment,
        message::Direction,
        messages_server::{Messages, MessagesServer},
        transcripts_server::{Transcripts, TranscriptsServer},
    },
    events::v1::MessageCreated,
    json,
    media::v1::{
        DescribeFilesRequest, DescribeFilesResponse, File, HoldFilesRequest, HoldFilesResponse, ReadFilePart,
        ReadFileRequest, ReleaseFilesRequest, ReleaseFilesResponse, StoreFilePart,
        file_transfer_server::{FileTransfer, FileTransferServer},
        read_file_part,
        store_file_part::Part,
    },
};
use weft_rpc::{accept, accept_service, reply, status};

#[derive(Default)]
pub(crate) struct State {
    files: HashMap<(String, String), (File, Vec<u8>)>,
    by_key: HashMap<(String, String), String>,
    pub(crate) messages: Vec<(String, Message)>,
    pub(crate) kept: Vec<KeepTranscriptRequest>,
    pub(crate) keys: HashMap<String, Message>,
    /// How many calls `conversation` does not answer.
    pub(crate) failing: usize,
    /// An answer to be sent as soon as a contact's voice message is there, before its sender hears of it.
    pub(crate) hasty_answer: Option<String>,
}

#[derive(Clone)]
pub(crate) struct World {
    pub(crate) bus: Bus,
    pub(crate) state: Arc<Mutex<State>>,
}

impl World {
    pub(crate) fn new(bus: Bus) -> Self {
        Self { bus, state: Arc::default() }
    }

    pub(crate) fn media(&self) -> Routes {
        Routes::new(FileTransferServer::new(self.clone()))
    }

    pub(crate) fn conversation(&self) -> Routes {
        Routes::new(MessagesServer::new(self.clone())).add_service(TranscriptsServer::new(self.clone()))
    }

    /// Puts a file in and gives its id.
    pub(crate) async fn upload(&self, tenant: &str, mime: &str, bytes: &[u8]) -> String {
        let id = id::new::<id::File>().to_string();
        let file =
            File { id: id.clone(), mime: mime.to_owned(), size: bytes.len() as u64, ..File::default() };
        let mut state = self.state.lock().await;
        state.files.insert((tenant.to_owned(), id.clone()), (file, bytes.to_vec()));
        id
    }

    pub(crate) async fn file(&self, tenant: &str, id: &str) -> (File, Vec<u8>) {
        self.state.lock().await.files[&(tenant.to_owned(), id.to_owned())].clone()
    }

    /// Tells everybody of a message.
    pub(crate) async fn tell(&self, tenant: &str, change: &str, message: &Message) {
        let event = Event {
            id: id::new::<id::Event>().to_string(),
            kind: format!("weft.v1.message.{change}"),
            source: "/test".into(),
            subject: format!("weft.events.{tenant}.message.{change}"),
            key: message.conversation_id.clone(),
            tenant: Some(tenant.to_owned()),
            time: chrono::Utc::now(),
            traceparent: None,
            tracestate: None,
            data: json::encode(&MessageCreated { message: Some(message.clone()) }).unwrap(),
        };
        self.bus.publish(Stream::Events, event).await.unwrap();
    }

    /// A contact's voice message, its file already there.
    pub(crate) async fn voice_message(&self, tenant: &str, file: &str) -> Message {
        let message = Message {
            attachments: vec![voice(file)],
            ..self.message(&id::new::<id::Conversation>().to_string(), Direction::Inbound, "").await
        };
        self.tell(tenant, "updated", &message).await;
        message
    }

    pub(crate) async fn message(&self, conversation: &str, direction: Direction, text: &str) -> Message {
        let state = self.state.lock().await;
        let seq = state.messages.iter().filter(|(_, one)| one.conversation_id == conversation).count() + 1;
        Message {
            id: id::new::<id::Message>().to_string(),
            conversation_id: conversation.to_owned(),
            seq: seq as u64,
            direction: direction.into(),
            text: text.to_owned(),
            ..Message::default()
        }
    }

    pub(crate) async fn add(&self, tenant: &str, message: &Message) {
        self.state.lock().await.messages.push((tenant.to_owned(), message.clone()));
        self.tell(tenant, "created", message).await;
    }

    async fn is_away(&self) -> Result<(), Status> {
        let mut state = self.state.lock().await;
        if state.failing == 0 {
            return Ok(());
        }
        state.failing -= 1;
        Err(status(Error::unavailable("service_unavailable")))
    }
}

pub(crate) fn voice(file: &str) -> Attachment {
    Attachment {
        id: file.to_owned(),
        kind: attachment::Kind::Voice.into(),
        state: attachment::State::Available.into(),
        ..Attachment::default()
    }
}

#[tonic::async_trait]
impl FileTransfer for World {
    type ReadFileStream = BoxStream<'static, Result<ReadFilePart, Status>>;

    async fn store_file(&self, request: Request<Streaming<StoreFilePart>>) -> Result<Response<File>, Status> {
        let mut parts = request.into_inner();
        let Some(Part::Head(head)) = parts.message().await?.unwrap().part else { panic!("no head") };
        let (mut bytes, mut whole) = (Vec::new(), false);
        while let Some(part) = parts.message().await? {
            match part.part.unwrap() {
                Part::Data(data) => {
                    assert!(data.len() <= 256 * 1024);
                    bytes.extend_from_slice(&data);
                }
                Part::End(end) => whole = end.size == bytes.len() as u64,
                Part::Head(_) => panic!("a second head"),
            }
        }
        assert!(whole, "the last part is missing");
        let known = self.state.lock().await.by_key.get(&(head.tenant_id.clone(), head.key.clone())).cloned();
        let id = match known {
            Some(id) => id,
            None => self.upload(&head.tenant_id, &head.declared_mime, &bytes).await,
        };
        let key = (head.tenant_id.clone(), head.key);
        self.state.lock().await.by_key.insert(key, id.clone());
        Ok(Response::new(self.file(&head.tenant_id, &id).await.0))
    }

    async fn read_file(
        &self,
        request: Request<ReadFileRequest>,
    ) -> Result<Response<Self::ReadFileStream>, Status> {
        let (_, ReadFileRequest { tenant_id, id, .. }) = accept_service(request)?;
        let state = self.state.lock().await;
        let (file, bytes) =
            state.files.get(&(tenant_id, id)).ok_or_else(|| status(Error::not_found("file")))?;
        let data = bytes.chunks(1000).map(|part| read_file_part::Part::Data(part.to_vec().into()));
        let parts: Vec<_> = std::iter::once(read_file_part::Part::Head(file.clone()))
            .chain(data)
            .map(|part| Ok(ReadFilePart { part: Some(part) }))
            .collect();
        Ok(Response::new(stream::iter(parts).boxed()))
    }

    async fn describe_files(
        &self,
        _request: Request<DescribeFilesRequest>,
    ) -> Result<Response<DescribeFilesResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn hold_files(&self, _: Request<HoldFilesRequest>) -> Result<Response<HoldFilesResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn release_files(
        &self,
        _: Request<ReleaseFilesRequest>,
    ) -> Result<Response<ReleaseFilesResponse>, Status> {
        Err(Status::unimplemented(""))
    }
}

#[tonic::async_trait]
impl Messages for World {
    async fn list_messages(
        &self,
        _request: Request<ListMessagesRequest>,
    ) -> Result<Response<ListMessagesResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn send_message(&self, request: Request<SendMessageRequest>) -> Result<Response<Message>, Status> {
        self.is_away().await?;
        let call = accept(request)?;
        let key = call.intent.idempotency.map(|one| one.key).unwrap_or_default();
        if let Some(sent) = self.state.lock().await.keys.get(&key) {
            return Ok(reply(sent.clone(), true));
        }
        let asked = call.message;
        let mut message = self.message(&asked.conversation_id, Direction::Outbound, &asked.text).await;
        message.attachments = asked.attachments.iter().map(|file| voice(&file.id)).collect();
        self.add(&call.principal.tenant.to_string(), &message).await;
        if !key.is_empty() {
            self.state.lock().await.keys.insert(key, message.clone());
        }
        Ok(reply(message, false))
    }

    async fn resolve_message(
        &self,
        _request: Request<ResolveMessageRequest>,
    ) -> Result<Response<Message>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn edit_message(&self, _: Request<EditMessageRequest>) -> Result<Response<Message>, Status> {
        Err(Status::unimplemented("nobody asks"))
    }

    async fn delete_message(&self, _: Request<DeleteMessageRequest>) -> Result<Response<Message>, Status> {
        Err(Status::unimplemented("nobody asks"))
    }

    async fn add_reaction(&self, _: Request<AddReactionRequest>) -> Result<Response<Message>, Status> {
        Err(Status::unimplemented("nobody asks"))
    }

    async fn remove_reaction(&self, _: Request<RemoveReactionRequest>) -> Result<Response<Message>, Status> {
        Err(Status::unimplemented("nobody asks"))
    }
}

#[tonic::async_trait]
impl Transcripts for World {
    async fn keep_transcript(
        &self,
        request: Request<KeepTranscriptRequest>,
    ) -> Result<Response<Message>, Status> {
        self.is_away().await?;
        let (_, request) = accept_service(request)?;
        self.state.lock().await.kept.push(request);
        Ok(Response::new(Message::default()))
    }

    async fn take_voice_message(
        &self,
        request: Request<TakeVoiceMessageRequest>,
    ) -> Result<Response<Message>, Status> {
        self.is_away().await?;
        let (_, request) = accept_service(request)?;
        let transcript = request.transcript.unwrap();
        let mut message = self.message(&request.conversation_id, Direction::Inbound, &transcript.text).await;
        message.attachments = vec![Attachment { transcript: Some(transcript), ..voice(&request.file_id) }];
        self.add(&request.tenant_id, &message).await;
        let hasty = self.state.lock().await.hasty_answer.take();
        if let Some(text) = hasty {
            let answer = self.message(&request.conversation_id, Direction::Outbound, &text).await;
            self.add(&request.tenant_id, &answer).await;
        }
        Ok(Response::new(message))
    }
}
