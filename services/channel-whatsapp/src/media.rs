use std::time::Duration;

use http::{StatusCode, header};
use url::Url;
use weft_channel::{Media, MediaStream, ProviderCall, SendError, Transport, TransportError};

use crate::{Account, api, wire::MediaAddress};

/// The largest document; other kinds are smaller.
const MAX_BYTES: u64 = 100 * 1024 * 1024;
const TIMEOUT: Duration = Duration::from_mins(1);

/// Asks where the file is, and opens it with the same token.
pub(crate) async fn fetch(
    account: &Account,
    media: &Media,
    transport: &dyn Transport,
) -> Result<MediaStream, SendError> {
    let call = api::get(account, &[&media.reference], "media")?;
    let file: MediaAddress = api::result(call, transport).await.map_err(SendError::of_repeatable)?;
    let url = Url::parse(&file.url).ok().filter(|url| is_safe(url, account)).ok_or_else(|| {
        SendError::Unreadable { why: "the address of the file is none we would send the token to".to_owned() }
    })?;

    let call = ProviderCall::get(url, "file")
        .timeout(TIMEOUT)
        .header(header::AUTHORIZATION, account.access().bearer()?);
    let download = transport.download(call, MAX_BYTES).await.map_err(explain)?;
    match download.status {
        StatusCode::OK => Ok(MediaStream {
            name: Some(media.name.clone()).filter(|name| !name.is_empty()),
            mime: file.mime_type.or_else(|| Some(media.mime.clone())).filter(|mime| !mime.is_empty()),
            size: file.file_size,
            body: download.body,
        }),
        // an address is good for some minutes; the next try asks for a new one
        StatusCode::UNAUTHORIZED | StatusCode::NOT_FOUND => {
            Err(SendError::unreachable("WhatsApp's address of the file has run out"))
        }
        status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            Err(SendError::unreachable("WhatsApp cannot give the file just now"))
        }
        status => Err(SendError::rejected(status.as_u16().to_string(), "WhatsApp does not give the file")),
    }
}

/// The token goes over TLS, or back to where it was just sent.
fn is_safe(url: &Url, account: &Account) -> bool {
    url.scheme() == "https" || url.origin() == account.api_base.origin()
}

fn explain(error: TransportError) -> SendError {
    match error {
        TransportError::TooLarge => SendError::message_invalid("the file is larger than WhatsApp allows"),
        // reading twice does no harm
        TransportError::Interrupted { why } => SendError::unreachable(why),
        other => other.into(),
    }
}
