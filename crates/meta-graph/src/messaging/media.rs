use std::time::Duration;

use http::StatusCode;
use url::Url;
use weft_channel::{Media, MediaStream, ProviderCall, SendError, Transport, open_file};

/// More than anybody can send.
const MAX_BYTES: u64 = 100_000_000;
const TIMEOUT: Duration = Duration::from_secs(60);

/// Opens a file at the address that came with the message. It needs no token, and is told none.
pub async fn fetch(media: &Media, transport: &dyn Transport) -> Result<MediaStream, SendError> {
    let url = Url::parse(&media.reference)
        .map_err(|_| SendError::rejected("no_address", "Meta gave no address for the file"))?;
    let call = ProviderCall::get(url, "file").timeout(TIMEOUT);
    open_file("Meta", media, call, MAX_BYTES, transport, |status| {
        // a story is gone after a day, any address after a while
        let is_gone = status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS;
        let words = "Meta no longer has the file under this address";
        is_gone.then(|| SendError::rejected(status.as_str(), words))
    })
    .await
}
