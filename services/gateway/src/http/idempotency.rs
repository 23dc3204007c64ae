use http::HeaderMap;
use tonic::metadata::{Ascii, MetadataMap, MetadataValue};
use weft_domain::{Error, Result};
use weft_rpc::{IDEMPOTENCY_KEY, REPLAYED};

const LONGEST: usize = 255;

/// Passes the key of a write on to the service that does it.
pub(crate) fn pass_key(headers: &HeaderMap, metadata: &mut MetadataMap) -> Result<()> {
    let Some(given) = headers.get(IDEMPOTENCY_KEY) else { return Ok(()) };
    let readable = given.to_str().ok().filter(|key| !key.is_empty() && key.len() <= LONGEST);
    let value: Option<MetadataValue<Ascii>> = readable.and_then(|key| key.parse().ok());
    let key = value.ok_or_else(|| {
        let words = format!("`Idempotency-Key` must be 1 to {LONGEST} ASCII characters");
        Error::invalid("invalid_idempotency_key", words)
    })?;
    metadata.insert(IDEMPOTENCY_KEY, key);
    Ok(())
}

/// Whether an answer is the one of an earlier call.
pub(crate) fn is_replayed(metadata: &MetadataMap) -> bool {
    metadata.contains_key(REPLAYED)
}
