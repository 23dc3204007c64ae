use std::time::Duration;

use http::{StatusCode, header};
use url::Url;
use weft_channel::{Media, MediaStream, ProviderCall, SendError, Transport, TransportError};

use crate::Account;

const MAX_BYTES: u64 = 1024 * 1024 * 1024;
const TIMEOUT: Duration = Duration::from_mins(1);

/// Opens a file of a message, a voicemail or a recording. It lies on a host of its own, which takes the same token.
pub(crate) async fn fetch(
    account: &Account,
    media: &Media,
    transport: &dyn Transport,
) -> Result<MediaStream, SendError> {
    let download = transport.download(call(account, &media.reference)?, MAX_BYTES).await.map_err(explain)?;
    let header = |name| download.headers.get(name).and_then(|value| value.to_str().ok());
    match download.status {
        StatusCode::OK => Ok(MediaStream {
            name: Some(media.name.clone()).filter(|name| !name.is_empty()),
            mime: header(header::CONTENT_TYPE).map(ToOwned::to_owned),
            size: header(header::CONTENT_LENGTH).and_then(|text| text.parse().ok()),
            body: download.body,
        }),
        StatusCode::UNAUTHORIZED => Err(SendError::account_invalid("RingCentral does not accept the token")),
        StatusCode::FORBIDDEN => {
            Err(SendError::rejected("403", "the app or its user may not read this file"))
        }
        StatusCode::NOT_FOUND | StatusCode::GONE => {
            Err(SendError::rejected("file_gone", "RingCentral does not have the file any more"))
        }
        StatusCode::TOO_MANY_REQUESTS => {
            let wait = header(header::RETRY_AFTER).and_then(|text| text.parse().ok());
            Err(SendError::Throttled { retry_after: wait.map(Duration::from_secs) })
        }
        status if status.is_server_error() => Err(SendError::unreachable("the file cannot be had just now")),
        status => Err(SendError::rejected(status.as_str(), "the file is not given")),
    }
}

/// The call for a file; the token is shown to RingCentral alone.
pub(crate) fn call(account: &Account, reference: &str) -> Result<ProviderCall, SendError> {
    let url = Url::parse(reference).ok().filter(|url| account.holds_files_at(url));
    let url =
        url.ok_or_else(|| SendError::rejected("no_address", "it is no address of RingCentral's files"))?;
    Ok(ProviderCall::get(url, "file").with_access_token().timeout(TIMEOUT))
}

fn explain(error: TransportError) -> SendError {
    match error {
        TransportError::TooLarge => SendError::message_invalid("the file is too large"),
        // reading twice does no harm
        other => SendError::from(other).of_repeatable(),
    }
}
