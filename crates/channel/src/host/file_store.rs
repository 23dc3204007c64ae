use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use futures::{Stream, stream::BoxStream};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use tonic::Request;
use url::Url;
use weft_domain::{Error, ErrorCode, Result};
use weft_proto::media::v1::{
    File as StoredFile, ReadFileRequest, StoreFileEnd, StoreFilePart,
    file_transfer_client::FileTransferClient, read_file_part, store_file_part,
};
use weft_rpc::{Client, error};

use crate::{Attachment, File, Files};

/// Less than an order may wait for its call.
const READ: Duration = Duration::from_secs(12);
const STORE: Duration = Duration::from_secs(120);
/// The unit in which memory is given out.
const PAGE: u64 = 64 * 1024;

/// The media service.
#[derive(Clone)]
pub(crate) struct FileStore {
    client: FileTransferClient<Client>,
    memory: Arc<Semaphore>,
    pages: u32,
}

/// The files of a message, and the memory they take.
pub(crate) struct Held {
    pub(crate) files: Files,
    memory: Vec<OwnedSemaphorePermit>,
}

impl FileStore {
    pub(crate) fn new(client: Client, memory_bytes: u64) -> Self {
        let pages = u32::try_from(memory_bytes / PAGE).unwrap_or(u32::MAX >> 4).clamp(1, u32::MAX >> 4);
        let memory = Semaphore::new(usize::try_from(pages).unwrap_or(1));
        Self { client: FileTransferClient::new(client), memory: Arc::new(memory), pages }
    }

    /// Reads the files of attachments into memory, each at most `max_bytes`; `base` is where the outside reaches us.
    pub(crate) async fn read_all(
        &self,
        tenant_id: &str,
        attachments: Vec<Attachment>,
        max_bytes: u64,
        base: Option<&str>,
    ) -> Result<Held> {
        let read = timeout(READ, self.read_each(tenant_id, attachments, max_bytes, base)).await;
        read.unwrap_or_else(|_| Err(Error::unavailable("media_timeout")))
    }

    async fn read_each(
        &self,
        tenant_id: &str,
        attachments: Vec<Attachment>,
        max_bytes: u64,
        base: Option<&str>,
    ) -> Result<Held> {
        let mut held = Held { files: Files::default(), memory: Vec::new() };
        for attachment in attachments {
            let wanted = u32::try_from(attachment.size.min(max_bytes) / PAGE + 1).unwrap_or(u32::MAX);
            let memory = Arc::clone(&self.memory).acquire_many_owned(wanted.min(self.pages)).await;
            held.memory.push(memory.map_err(Error::internal)?);
            let file = self.read(tenant_id, &attachment, max_bytes, base).await?;
            held.files.insert(attachment.id, file);
        }
        Ok(held)
    }

    async fn read(
        &self,
        tenant_id: &str,
        attachment: &Attachment,
        max_bytes: u64,
        base: Option<&str>,
    ) -> Result<File> {
        let mut request = Request::new(ReadFileRequest {
            tenant_id: tenant_id.to_owned(),
            id: attachment.id.clone(),
            subject: String::new(),
        });
        request.set_timeout(READ);
        let answer = self.client.clone().read_file(request).await;
        let mut parts = answer.map_err(|status| error(&status))?.into_inner();
        let (mut mime, mut link, mut bytes) = (attachment.mime.clone(), None, BytesMut::new());
        while let Some(part) = parts.message().await.map_err(|status| error(&status))? {
            match part.part {
                Some(read_file_part::Part::Head(head)) => {
                    mime = head.mime;
                    link = head.url.and_then(|url| absolute(&url, base));
                }
                Some(read_file_part::Part::Data(data)) => bytes.extend_from_slice(&data),
                None => {}
            }
            if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > max_bytes {
                let words = format!("the file “{}” is larger than this channel takes", attachment.name);
                return Err(Error::new(ErrorCode::TooLarge, "file_too_large", words));
            }
        }
        Ok(File { name: attachment.name.clone(), mime, bytes: bytes.freeze(), link })
    }

    /// The link to a file for `subject`; its bytes are not read.
    pub(crate) async fn link(&self, tenant_id: &str, id: &str, subject: &str) -> Result<Option<String>> {
        let asked = ReadFileRequest {
            tenant_id: tenant_id.to_owned(),
            id: id.to_owned(),
            subject: subject.to_owned(),
        };
        let mut request = Request::new(asked);
        request.set_timeout(READ);
        let answer = self.client.clone().read_file(request).await;
        let mut parts = answer.map_err(|status| error(&status))?.into_inner();
        let first = parts.message().await.map_err(|status| error(&status))?;
        Ok(match first.and_then(|part| part.part) {
            Some(read_file_part::Part::Head(head)) => head.url,
            _ => None,
        })
    }

    /// Keeps a file; its parts begin with the head.
    pub(crate) async fn store(&self, parts: BoxStream<'static, StoreFilePart>) -> Result<StoredFile> {
        let mut request = Request::new(Upload(parts));
        request.set_timeout(STORE);
        let answer = self.client.clone().store_file(request).await;
        answer.map(tonic::Response::into_inner).map_err(|status| error(&status))
    }
}

/// The media service gives a path when nobody told it where it is reached.
fn absolute(link: &str, base: Option<&str>) -> Option<Url> {
    Url::parse(link).or_else(|_| Url::parse(base.unwrap_or_default())?.join(link)).ok()
}

/// Has a name, because the compiler cannot prove futures that hold a bare `dyn Stream` to be `Send`.
struct Upload(BoxStream<'static, StoreFilePart>);

impl Stream for Upload {
    type Item = StoreFilePart;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<StoreFilePart>> {
        self.0.as_mut().poll_next(context)
    }
}

/// One part of a file's bytes, small enough for a message.
pub(crate) fn data_part(data: Bytes) -> StoreFilePart {
    StoreFilePart { part: Some(store_file_part::Part::Data(data)) }
}

/// The part that makes a file whole.
pub(crate) fn last_part(size: u64) -> StoreFilePart {
    StoreFilePart { part: Some(store_file_part::Part::End(StoreFileEnd { size })) }
}
