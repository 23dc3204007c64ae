use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use sha2::{Digest as _, Sha256};
use weft_domain::{Error, ErrorCode, Result};

use crate::{blobs::BlobWriter, content::kind::HEAD_BYTES};

/// What came, and is on disk.
pub(crate) struct Received {
    pub(crate) size: u64,
    pub(crate) sha256: String,
    /// The first bytes.
    pub(crate) head: Vec<u8>,
}

/// Takes a file's bytes to disk, counting; `fits` looks at the first ones, before the rest comes. Whatever goes wrong,
/// nothing of it stays.
pub(crate) async fn run(
    mut writer: BlobWriter,
    bytes: impl Stream<Item = Result<Bytes>>,
    max_bytes: u64,
    fits: impl Fn(&[u8]) -> Result<()>,
) -> Result<Received> {
    let mut bytes = std::pin::pin!(bytes);
    let (mut size, mut sha256, mut head) = (0_u64, Sha256::new(), Vec::new());
    while let Some(chunk) = bytes.next().await {
        let part = chunk?;
        size = size.saturating_add(u64::try_from(part.len()).map_err(Error::internal)?);
        if size > max_bytes {
            return Err(too_large(max_bytes));
        }
        let wanted = part.len().min(HEAD_BYTES.saturating_sub(head.len()));
        head.extend(part.iter().take(wanted));
        if wanted > 0 && head.len() == HEAD_BYTES {
            fits(&head)?;
        }
        sha256.update(&part);
        writer.append(&part).await?;
    }
    if size == 0 {
        return Err(Error::invalid("empty_file", "the file is empty").with_field("file"));
    }
    if head.len() < HEAD_BYTES {
        fits(&head)?;
    }
    writer.finish().await?;
    Ok(Received { size, sha256: hex::encode(sha256.finalize()), head })
}

/// The refusal of a file that is larger than allowed.
pub(crate) fn too_large(max_bytes: u64) -> Error {
    let words = format!("the file is larger than {max_bytes} bytes");
    Error::new(ErrorCode::TooLarge, "file_too_large", words).with_field("file")
}
