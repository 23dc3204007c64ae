use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::stream;
use tonic::Request;
use weft_domain::{Error, ErrorCode, Result, TenantId};
use weft_proto::media::v1::{
    File, ReadFileRequest, StoreFileEnd, StoreFileHead, StoreFilePart,
    file_transfer_client::FileTransferClient, read_file_part, store_file_part::Part,
};
use weft_rpc::{Client, error};

use crate::audio::Recording;

/// How long a file may be on its way.
const PATIENCE: Duration = Duration::from_secs(20);
/// What goes into one message.
const PART_BYTES: usize = 256 * 1024;

/// The files of all tenants.
#[derive(Clone)]
pub(crate) struct Files {
    client: FileTransferClient<Client>,
    max_bytes: u64,
}

impl Files {
    pub(crate) fn new(client: Client, max_bytes: u64) -> Self {
        Self { client: FileTransferClient::new(client), max_bytes }
    }

    /// Reads a recording of a tenant; one of another tenant is as unknown as one that never was.
    pub(crate) async fn read(&self, tenant: TenantId, id: &str) -> Result<Recording> {
        let asked =
            ReadFileRequest { tenant_id: tenant.to_string(), id: id.to_owned(), subject: String::new() };
        let mut request = Request::new(asked);
        request.set_timeout(PATIENCE);
        let answer =
            self.client.clone().read_file(request).await.map_err(|status| unknown(error(&status)))?;
        let mut parts = answer.into_inner();
        let (mut mime, mut bytes) = (String::new(), BytesMut::new());
        while let Some(part) = parts.message().await.map_err(|status| error(&status))? {
            match part.part {
                Some(read_file_part::Part::Head(head)) if head.size > self.max_bytes => {
                    return Err(self.too_large());
                }
                Some(read_file_part::Part::Head(head)) => mime = head.mime,
                Some(read_file_part::Part::Data(data)) => bytes.extend_from_slice(&data),
                None => {}
            }
        }
        Ok(Recording { mime, bytes: bytes.freeze() })
    }

    fn too_large(&self) -> Error {
        let words = format!("a recording may have {} bytes", self.max_bytes);
        Error::new(ErrorCode::TooLarge, "file_too_large", words).with_field("file_id")
    }

    /// Keeps what was spoken; the same key of a tenant keeps it once.
    pub(crate) async fn store(
        &self,
        tenant: TenantId,
        name: String,
        mime: &str,
        key: String,
        bytes: Bytes,
    ) -> Result<File> {
        let head = StoreFileHead {
            tenant_id: tenant.to_string(),
            name,
            declared_mime: mime.to_owned(),
            key,
            accept: Vec::new(),
        };
        let data = (0..bytes.len()).step_by(PART_BYTES);
        let data = data.map(|at| Part::Data(bytes.slice(at..bytes.len().min(at + PART_BYTES))));
        let parts: Vec<_> = std::iter::once(Part::Head(head))
            .chain(data)
            .chain([Part::End(StoreFileEnd { size: u64::try_from(bytes.len()).unwrap_or(u64::MAX) })])
            .map(|part| StoreFilePart { part: Some(part) })
            .collect();
        let mut request = Request::new(stream::iter(parts));
        request.set_timeout(PATIENCE);
        let answer = self.client.clone().store_file(request).await;
        answer.map(tonic::Response::into_inner).map_err(|status| error(&status))
    }
}

fn unknown(error: Error) -> Error {
    if error.code() != ErrorCode::NotFound {
        return error;
    }
    Error::invalid("unknown_file", "no such file; upload it first").with_field("file_id")
}
