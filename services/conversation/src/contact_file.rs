//! The bytes of a file, piece by piece, as `media` gives them.

use std::time::Duration;

use tonic::{Request, Status, Streaming};
use uuid::Uuid;
use weft_domain::{Error, ErrorCode, Result, TenantId, id};
use weft_proto::media::v1::{ReadFilePart, ReadFileRequest, read_file_part::Part};

use crate::{Context, csv_rows::unreadable};

/// How long a file may take to come or go.
pub(crate) const PATIENCE: Duration = Duration::from_secs(600);
/// How long the next piece may take.
const STALL: Duration = Duration::from_secs(20);

/// A file that is read.
pub(crate) struct Source {
    parts: Streaming<ReadFilePart>,
    size: u64,
    come: u64,
    /// So many bytes at the beginning were read before.
    skip: u64,
}

impl Source {
    /// Opens a file, to be read from a place on.
    pub(crate) async fn open(context: &Context, tenant: TenantId, file: Uuid, from: u64) -> Result<Self> {
        let asked = ReadFileRequest {
            tenant_id: tenant.to_string(),
            id: id::from_uuid::<id::File>(file).to_string(),
            subject: String::new(),
        };
        let mut request = Request::new(asked);
        request.set_timeout(PATIENCE);
        let answer = context.files.clone().read_file(request).await;
        let parts = answer.map_err(|status| gone(answered(&status)))?.into_inner();
        Ok(Self { parts, size: 0, come: 0, skip: from })
    }

    /// The next piece; none: that was all.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        loop {
            let part = tokio::time::timeout(STALL, self.parts.message()).await.map_err(|_| cut_off())?;
            let Some(part) = part.map_err(|status| answered(&status))? else { break };
            let data = match part.part {
                Some(Part::Head(head)) => {
                    self.size = head.size;
                    continue;
                }
                Some(Part::Data(data)) => data,
                None => continue,
            };
            let length = u64::try_from(data.len()).map_err(Error::internal)?;
            self.come += length;
            let skipped = self.skip.min(length);
            self.skip -= skipped;
            let rest = data.get(usize::try_from(skipped).map_err(Error::internal)?..).unwrap_or_default();
            if !rest.is_empty() {
                return Ok(Some(rest.to_vec()));
            }
        }
        if self.come < self.size {
            return Err(cut_off());
        }
        Ok(None)
    }
}

/// What `media` answered. A fault on its side may pass, where one on ours does not: the storage of its bytes was away, or the
/// connection ended under the call.
pub(crate) fn answered(status: &Status) -> Error {
    let error = weft_rpc::error(status);
    if error.code() == ErrorCode::Internal {
        return Error::unavailable("service_unavailable").with_source(error);
    }
    error
}

fn cut_off() -> Error {
    Error::new(ErrorCode::Unavailable, "file_cut_off", "the file did not come whole")
}

/// A file that is not to be had is why nothing is taken from it.
fn gone(error: Error) -> Error {
    match error.code() {
        ErrorCode::NotFound => unreadable("the file is not there any more; upload it again"),
        ErrorCode::Forbidden => unreadable(error.message()),
        _ => error,
    }
}
