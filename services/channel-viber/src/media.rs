use std::time::Duration;

use url::Url;
use weft_channel::{Media, MediaStream, ProviderCall, SendError, Transport, open_file};

/// More than Viber takes from contacts.
const MAX_BYTES: u64 = 200_000_000;
const TIMEOUT: Duration = Duration::from_secs(60);

/// Opens a file at the address that came with the message; it needs no token and is good for about an hour.
pub(crate) async fn fetch(media: &Media, transport: &dyn Transport) -> Result<MediaStream, SendError> {
    let url = Url::parse(&media.reference)
        .map_err(|_| SendError::rejected("no_address", "Viber gave no address for the file"))?;
    let call = ProviderCall::get(url, "file").timeout(TIMEOUT);
    let opened = open_file("Viber", media, call, MAX_BYTES, transport, |_| None).await?;
    Ok(MediaStream { size: Some(media.size).filter(|size| *size > 0), ..opened })
}
