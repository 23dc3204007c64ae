use http::StatusCode;
use serde_json::json;
use weft_channel::{Media, MediaStream, ProviderCall, SendError, Transport, open_file};

use crate::{Account, api, errors::Failure, wire::FileObject};

/// What the public service gives bots at most.
const MAX_BYTES: u64 = 20 * 1024 * 1024;
const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(60);

/// Asks where the file is and opens it. The address holds the token, so it never leaves this function.
pub(crate) async fn fetch(
    account: &Account,
    media: &Media,
    transport: &dyn Transport,
) -> Result<MediaStream, SendError> {
    let call = api::json(account, "getFile", json!({"file_id": media.reference}));
    let file: FileObject = api::result(call, transport).await.map_err(Failure::of_repeatable)?;
    let path = file
        .file_path
        .ok_or_else(|| SendError::rejected("no_file_path", "Telegram no longer has the file"))?;

    let call = ProviderCall::get(account.file_url(&path), "file").timeout(TIMEOUT);
    let opened = open_file("Telegram", media, call, MAX_BYTES, transport, |status| match status {
        // an address is good for an hour; the next try asks for a new one
        StatusCode::NOT_FOUND => Some(SendError::unreachable("Telegram's address of the file has run out")),
        _ => None,
    })
    .await?;
    let size = file.file_size.or((media.size > 0).then_some(media.size));
    Ok(MediaStream { mime: Some(media.mime.clone()).filter(|mime| !mime.is_empty()), size, ..opened })
}
