use std::time::Duration;

use http::{StatusCode, header};
use url::Url;
use weft_channel::{Media, MediaStream, ProviderCall, SendError, Transport, TransportError};

use crate::{Account, api, wire::FileInfo};

/// The largest file that Slack keeps.
const MAX_BYTES: u64 = 1024 * 1024 * 1024;
const TIMEOUT: Duration = Duration::from_mins(1);

/// Opens a file with the bot token. One that another workspace shared is asked for by its id first.
pub(crate) async fn fetch(
    account: &Account,
    media: &Media,
    transport: &dyn Transport,
) -> Result<MediaStream, SendError> {
    let place = match Url::parse(&media.reference) {
        Ok(url) => url,
        Err(_) => asked_for(account, &media.reference, transport).await?,
    };
    if !account.is_of_slack(&place) {
        return Err(SendError::rejected("foreign_address", "the file is somewhere else than with Slack"));
    }
    let call =
        ProviderCall::get(place, "file").timeout(TIMEOUT).header(header::AUTHORIZATION, account.bearer()?);
    let download = transport.download(call, MAX_BYTES).await.map_err(explain)?;
    let header = |name| download.headers.get(name).and_then(|value| value.to_str().ok());
    let mime = header(header::CONTENT_TYPE).unwrap_or_default().to_owned();
    match download.status {
        // Slack answers whom it does not know with its sign-in page, and with 200
        StatusCode::OK if mime.starts_with("text/html") && !media.mime.starts_with("text/html") => {
            let why =
                "Slack gave its sign-in page instead of the file: the app lacks the permission `files:read`";
            Err(SendError::rejected("sign_in_page", why))
        }
        StatusCode::OK => Ok(MediaStream {
            name: Some(media.name.clone()).filter(|name| !name.is_empty()),
            mime: Some(mime).filter(|mime| !mime.is_empty()),
            size: header(header::CONTENT_LENGTH).and_then(|text| text.parse().ok()),
            body: download.body,
        }),
        StatusCode::NOT_FOUND | StatusCode::GONE => {
            Err(SendError::rejected("file_gone", "Slack no longer has the file"))
        }
        StatusCode::UNAUTHORIZED => Err(SendError::account_invalid("Slack does not accept the bot token")),
        status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            Err(SendError::unreachable("Slack cannot give the file just now"))
        }
        status => Err(SendError::rejected(status.as_str(), "Slack does not give the file")),
    }
}

async fn asked_for(account: &Account, id: &str, transport: &dyn Transport) -> Result<Url, SendError> {
    let call = api::form(account, "files.info", &[("file", id.to_owned())])?;
    let info: FileInfo = api::result(call, transport).await.map_err(SendError::of_repeatable)?;
    let place = info.file.url_private_download.or(info.file.url_private);
    place
        .and_then(|place| Url::parse(&place).ok())
        .ok_or_else(|| SendError::rejected("no_address", "Slack does not give this file to apps"))
}

fn explain(error: TransportError) -> SendError {
    match error {
        TransportError::TooLarge => SendError::message_invalid("the file is too large"),
        // reading twice does no harm
        other => SendError::from(other).of_repeatable(),
    }
}
