use std::time::Duration;

use url::Url;
use weft_channel::{Media, MediaStream, ProviderCall, SendError, Transport, open_file};

use crate::Access;

const MAX_BYTES: u64 = 100_000_000;
const TIMEOUT: Duration = Duration::from_secs(60);

/// Opens a file. Twilio sends on to where it lies; the credentials stay behind.
pub async fn fetch(
    access: &Access<'_>,
    media: &Media,
    transport: &dyn Transport,
) -> Result<MediaStream, SendError> {
    let url = Url::parse(&media.reference)
        .map_err(|_| SendError::rejected("no_address", "the file has no address"))?;
    let is_theirs = is_of(access.api_base, &url);
    let call = ProviderCall::get(url, "media").timeout(TIMEOUT);
    let call = if is_theirs { access.with_key(call) } else { call };
    let opened = open_file("Twilio", media, call, MAX_BYTES, transport, |_| None).await?;
    Ok(MediaStream { mime: Some(media.mime.clone()).filter(|mime| !mime.is_empty()), size: None, ..opened })
}

/// Whether the credentials may go there: to the API itself, and to its hosts in other regions.
fn is_of(api_base: &Url, url: &Url) -> bool {
    let region = |url: &Url| {
        url.scheme() == "https" && url.host_str().is_some_and(|host| host.ends_with(".twilio.com"))
    };
    api_base.origin() == url.origin() || (region(api_base) && region(url))
}
