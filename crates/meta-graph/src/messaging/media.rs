use std::time::Duration;

use http::{StatusCode, header};
use url::Url;
use weft_channel::{Media, MediaStream, ProviderCall, SendError, Transport};

/// More than anybody can send.
const MAX_BYTES: u64 = 100_000_000;
const TIMEOUT: Duration = Duration::from_secs(60);

/// Opens a file at the address that came with the message. It needs no token, and is told none.
pub async fn fetch(media: &Media, transport: &dyn Transport) -> Result<MediaStream, SendError> {
    let url = Url::parse(&media.reference)
        .map_err(|_| SendError::rejected("no_address", "Meta gave no address for the file"))?;
    let call = ProviderCall::get(url, "file").timeout(TIMEOUT);
    // reading twice does no harm
    let download =
        transport.download(call, MAX_BYTES).await.map_err(|error| SendError::from(error).of_repeatable())?;
    let header = |name| download.headers.get(name).and_then(|value| value.to_str().ok());
    match download.status {
        StatusCode::OK => Ok(MediaStream {
            name: Some(media.name.clone()).filter(|name| !name.is_empty()),
            mime: header(header::CONTENT_TYPE).map(ToOwned::to_owned),
            size: header(header::CONTENT_LENGTH).and_then(|text| text.parse().ok()),
            body: download.body,
        }),
        status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            Err(SendError::unreachable("Meta cannot give the file just now"))
        }
        // a story is gone after a day, any address after a while
        status => Err(SendError::rejected(status.as_str(), "Meta no longer has the file under this address")),
    }
}
