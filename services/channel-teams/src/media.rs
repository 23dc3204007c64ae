use std::time::Duration;

use http::{StatusCode, header};
use url::Url;
use weft_channel::{Media, MediaStream, ProviderCall, SendError, Transport, TransportError};

use crate::Account;

const MAX_BYTES: u64 = 1024 * 1024 * 1024;
const TIMEOUT: Duration = Duration::from_mins(1);

/// Opens a file. Pictures lie with Teams, who wants the bot's token; other files lie with the organisation, at an address
/// that holds for some minutes and is not shown the token.
pub(crate) async fn fetch(
    account: &Account,
    media: &Media,
    transport: &dyn Transport,
) -> Result<MediaStream, SendError> {
    let url = Url::parse(&media.reference)
        .map_err(|_| SendError::rejected("no_address", "Teams gave no address of the file"))?;
    let is_service = account.is_service(&url);
    let call = ProviderCall::get(url, "file").timeout(TIMEOUT);
    let call = if is_service { call.with_access_token() } else { call };
    let download = transport.download(call, MAX_BYTES).await.map_err(explain)?;
    let header = |name| download.headers.get(name).and_then(|value| value.to_str().ok());
    match download.status {
        StatusCode::OK => Ok(MediaStream {
            name: Some(media.name.clone()).filter(|name| !name.is_empty()),
            mime: header(header::CONTENT_TYPE).map(ToOwned::to_owned),
            size: header(header::CONTENT_LENGTH).and_then(|text| text.parse().ok()),
            body: download.body,
        }),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN if is_service => {
            Err(SendError::account_invalid("Teams does not accept the bot's token"))
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND | StatusCode::GONE => {
            Err(SendError::rejected("address_ran_out", "the file's address held for some minutes only"))
        }
        status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            Err(SendError::unreachable("the file cannot be had just now"))
        }
        status => Err(SendError::rejected(status.as_str(), "the file is not given")),
    }
}

fn explain(error: TransportError) -> SendError {
    match error {
        TransportError::TooLarge => SendError::message_invalid("the file is too large"),
        // reading twice does no harm
        other => SendError::from(other).of_repeatable(),
    }
}
