use std::time::Duration;

use http::StatusCode;
use url::Url;
use weft_channel::{Media, MediaStream, ProviderCall, SendError, Transport, open_file};

use crate::Account;

const MAX_BYTES: u64 = 1024 * 1024 * 1024;
const TIMEOUT: Duration = Duration::from_mins(1);

/// Opens a file of a message, a voicemail or a recording. It lies on a host of its own, which takes the same token.
pub(crate) async fn fetch(
    account: &Account,
    media: &Media,
    transport: &dyn Transport,
) -> Result<MediaStream, SendError> {
    let call = call(account, &media.reference)?;
    open_file("RingCentral", media, call, MAX_BYTES, transport, |status| match status {
        StatusCode::FORBIDDEN => {
            Some(SendError::rejected("403", "the app or its user may not read this file"))
        }
        _ => None,
    })
    .await
}

/// The call for a file; the token is shown to RingCentral alone.
pub(crate) fn call(account: &Account, reference: &str) -> Result<ProviderCall, SendError> {
    let url = Url::parse(reference).ok().filter(|url| account.holds_files_at(url));
    let url =
        url.ok_or_else(|| SendError::rejected("no_address", "it is no address of RingCentral's files"))?;
    Ok(ProviderCall::get(url, "file").with_access_token().timeout(TIMEOUT))
}
