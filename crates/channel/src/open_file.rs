use http::{StatusCode, header};

use crate::{Media, MediaStream, ProviderCall, ProviderReply, SendError, Transport, TransportError};

/// Opens a file of a message with the provider of this name, for [`crate::Adapter::fetch_media`]. `refusal` says what a status
/// means where this provider means more by it than others do.
pub async fn open_file(
    provider: &str,
    media: &Media,
    call: ProviderCall,
    max_bytes: u64,
    transport: &dyn Transport,
    refusal: impl FnOnce(StatusCode) -> Option<SendError>,
) -> Result<MediaStream, SendError> {
    let download = transport.download(call, max_bytes).await.map_err(|error| match error {
        TransportError::TooLarge => {
            SendError::message_invalid(format!("the file is larger than {} MB", max_bytes / 1_000_000))
        }
        // reading twice does no harm
        other => SendError::from(other).of_repeatable(),
    })?;
    let status = download.status;
    if status == StatusCode::OK {
        let header = |name| download.headers.get(name).and_then(|value| value.to_str().ok());
        return Ok(MediaStream {
            name: Some(media.name.clone()).filter(|name| !name.is_empty()),
            mime: header(header::CONTENT_TYPE).map(ToOwned::to_owned),
            size: header(header::CONTENT_LENGTH).and_then(|text| text.parse().ok()),
            body: download.body,
        });
    }
    if let Some(error) = refusal(status) {
        return Err(error);
    }
    let reply = ProviderReply { status, headers: download.headers, body: bytes::Bytes::new() };
    Err(match status {
        StatusCode::UNAUTHORIZED => {
            SendError::account_invalid(format!("{provider} does not accept the credentials"))
        }
        StatusCode::NOT_FOUND | StatusCode::GONE => {
            SendError::rejected("file_gone", format!("{provider} no longer has the file"))
        }
        StatusCode::TOO_MANY_REQUESTS => SendError::Throttled { retry_after: reply.retry_after() },
        status if status.is_server_error() => {
            SendError::unreachable(format!("{provider} cannot give the file just now"))
        }
        status => SendError::rejected(status.as_str(), format!("{provider} does not give the file")),
    })
}
