use std::time::Duration;

use http::{StatusCode, header};
use url::Url;
use weft_channel::{Media, MediaStream, ProviderCall, SendError, Transport, TransportError};

use crate::Account;

/// More than LINE takes from contacts.
const MAX_BYTES: u64 = 300_000_000;
const TIMEOUT: Duration = Duration::from_secs(60);

/// Opens a file with LINE by its message, or at an address of somebody else's, who is not told our token.
pub(crate) async fn fetch(
    account: &Account,
    media: &Media,
    transport: &dyn Transport,
) -> Result<MediaStream, SendError> {
    let call = match Url::parse(&media.reference) {
        Ok(elsewhere) => ProviderCall::get(elsewhere, "external_content"),
        Err(_) => account.content_call(&media.reference)?,
    };
    let download = transport.download(call.timeout(TIMEOUT), MAX_BYTES).await.map_err(explain)?;
    let header = |name| download.headers.get(name).and_then(|value| value.to_str().ok());
    match download.status {
        StatusCode::OK => Ok(MediaStream {
            name: Some(media.name.clone()),
            mime: header(header::CONTENT_TYPE).map(ToOwned::to_owned),
            size: header(header::CONTENT_LENGTH).and_then(|text| text.parse().ok()),
            body: download.body,
        }),
        StatusCode::ACCEPTED => Err(SendError::unreachable("LINE is still preparing the file")),
        StatusCode::NOT_FOUND | StatusCode::GONE => {
            Err(SendError::rejected("content_gone", "LINE no longer has the file"))
        }
        StatusCode::UNAUTHORIZED => {
            Err(SendError::account_invalid("LINE does not accept the channel access token"))
        }
        status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            Err(SendError::unreachable("LINE cannot give the file just now"))
        }
        status => Err(SendError::rejected(status.as_str(), "LINE does not give the file")),
    }
}

fn explain(error: TransportError) -> SendError {
    // reading twice does no harm
    SendError::from(error).of_repeatable()
}
