use std::time::Duration;

use http::StatusCode;
use url::Url;
use weft_channel::{Media, MediaStream, ProviderCall, SendError, Transport, TransportError};

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
    // reading twice does no harm
    let download = transport.download(call, MAX_BYTES).await.map_err(explain)?;
    match download.status {
        StatusCode::OK => Ok(MediaStream {
            name: Some(media.name.clone()).filter(|name| !name.is_empty()),
            mime: Some(media.mime.clone()).filter(|mime| !mime.is_empty()),
            size: None,
            body: download.body,
        }),
        StatusCode::UNAUTHORIZED => Err(SendError::account_invalid("Twilio does not accept the credentials")),
        StatusCode::NOT_FOUND => Err(SendError::rejected("404", "Twilio no longer has the file")),
        status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            Err(SendError::unreachable("Twilio cannot give the file just now"))
        }
        status => Err(SendError::rejected(status.as_u16().to_string(), "Twilio does not give the file")),
    }
}

/// Whether the credentials may go there: to the API itself, and to its hosts in other regions.
fn is_of(api_base: &Url, url: &Url) -> bool {
    let region = |url: &Url| {
        url.scheme() == "https" && url.host_str().is_some_and(|host| host.ends_with(".twilio.com"))
    };
    api_base.origin() == url.origin() || (region(api_base) && region(url))
}

fn explain(error: TransportError) -> SendError {
    match error {
        TransportError::TooLarge => SendError::message_invalid("the file is too large"),
        other => SendError::from(other).of_repeatable(),
    }
}
