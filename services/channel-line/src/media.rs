use std::time::Duration;

use http::StatusCode;
use url::Url;
use weft_channel::{Media, MediaStream, ProviderCall, SendError, Transport, open_file};

use crate::Account;

/// More than LINE takes from contacts.
const MAX_BYTES: u64 = 300_000_000;
const TIMEOUT: Duration = Duration::from_secs(60);

/// Opens a file with LINE by its message, or at an address of somebody else's, who is not told our token.
pub(crate) async fn fetch(
    account: &Account,
    media: &Media,
    transport: &dyn Transport,
) -> Result<MediaStream, SendError> {
    let call = match Url::parse(&media.reference) {
        Ok(elsewhere) => ProviderCall::get(elsewhere, "external_content"),
        Err(_) => account.content_call(&media.reference)?,
    };
    open_file("LINE", media, call.timeout(TIMEOUT), MAX_BYTES, transport, |status| match status {
        StatusCode::ACCEPTED => Some(SendError::unreachable("LINE is still preparing the file")),
        _ => None,
    })
    .await
}
