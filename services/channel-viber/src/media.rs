use std::time::Duration;

use http::{StatusCode, header};
use url::Url;
use weft_channel::{Media, MediaStream, ProviderCall, SendError, Transport};

/// More than Viber takes from contacts.
const MAX_BYTES: u64 = 200_000_000;
const TIMEOUT: Duration = Duration::from_secs(60);

/// Opens a file at the address that came with the message; it needs no token and is good for about an hour.
pub(crate) async fn fetch(media: &Media, transport: &dyn Transport) -> Result<MediaStream, SendError> {
    let url = Url::parse(&media.reference)
        .map_err(|_| SendError::rejected("no_address", "Viber gave no address for the file"))?;
    let call = ProviderCall::get(url, "file").timeout(TIMEOUT);
    // reading twice does no harm
    let download =
        transport.download(call, MAX_BYTES).await.map_err(|error| SendError::from(error).of_repeatable())?;
    match download.status {
        StatusCode::OK => {
            let mime = download.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
            Ok(MediaStream {
                name: Some(media.name.clone()),
                mime: mime.map(ToOwned::to_owned),
                size: Some(media.size).filter(|size| *size > 0),
                body: download.body,
            })
        }
        status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            Err(SendError::unreachable("Viber cannot give the file just now"))
        }
        status => Err(SendError::rejected(status.as_str(), "Viber no longer has the file")),
    }
}
