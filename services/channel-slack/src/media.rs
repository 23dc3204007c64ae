use std::time::Duration;

use http::header;
use url::Url;
use weft_channel::{Media, MediaStream, ProviderCall, SendError, Transport, open_file};

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
    let file = open_file("Slack", media, call, MAX_BYTES, transport, |_| None).await?;
    let is_page = |mime: &str| mime.starts_with("text/html");
    // Slack answers whom it does not know with its sign-in page, and with 200
    if file.mime.as_deref().is_some_and(is_page) && !is_page(&media.mime) {
        let why =
            "Slack gave its sign-in page instead of the file: the app lacks the permission `files:read`";
        return Err(SendError::rejected("sign_in_page", why));
    }
    Ok(file)
}

async fn asked_for(account: &Account, id: &str, transport: &dyn Transport) -> Result<Url, SendError> {
    let call = api::form(account, "files.info", &[("file", id.to_owned())])?;
    let info: FileInfo = api::result(call, transport).await.map_err(SendError::of_repeatable)?;
    let place = info.file.url_private_download.or(info.file.url_private);
    place
        .and_then(|place| Url::parse(&place).ok())
        .ok_or_else(|| SendError::rejected("no_address", "Slack does not give this file to apps"))
}
