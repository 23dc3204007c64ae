use http::StatusCode;
use serde_json::json;
use weft_channel::{Media, MediaStream, ProviderCall, SendError, Transport, TransportError};

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
    let download = transport.download(call, MAX_BYTES).await.map_err(explain)?;
    match download.status {
        StatusCode::OK => Ok(MediaStream {
            name: non_empty(&media.name),
            mime: non_empty(&media.mime),
            size: file.file_size.or((media.size > 0).then_some(media.size)),
            body: download.body,
        }),
        // an address is good for an hour; the next try asks for a new one
        StatusCode::NOT_FOUND => Err(SendError::unreachable("Telegram's address of the file has run out")),
        StatusCode::UNAUTHORIZED => Err(SendError::account_invalid("Telegram does not accept the bot token")),
        status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            Err(SendError::unreachable("Telegram cannot give the file just now"))
        }
        status => Err(SendError::rejected(status.as_u16().to_string(), "Telegram does not give the file")),
    }
}

fn explain(error: TransportError) -> SendError {
    match error {
        TransportError::TooLarge => SendError::message_invalid("Telegram gives bots no files over 20 MB"),
        // reading twice does no harm
        TransportError::Interrupted { why } => SendError::unreachable(why),
        other => other.into(),
    }
}

fn non_empty(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}
