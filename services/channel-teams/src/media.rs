use std::time::Duration;

use http::StatusCode;
use url::Url;
use weft_channel::{Media, MediaStream, ProviderCall, SendError, Transport, open_file};

use crate::Account;

const MAX_BYTES: u64 = 1024 * 1024 * 1024;
const TIMEOUT: Duration = Duration::from_mins(1);

/// Opens a file. Pictures lie with Teams, who wants the bot's token; other files lie with the organisation, at an address
/// that holds for some minutes and is not shown the token.
pub(crate) async fn fetch(
    account: &Account,
    media: &Media,
    transport: &dyn Transport,
) -> Result<MediaStream, SendError> {
    let url = Url::parse(&media.reference)
        .map_err(|_| SendError::rejected("no_address", "Teams gave no address of the file"))?;
    let is_service = account.is_service(&url);
    let call = ProviderCall::get(url, "file").timeout(TIMEOUT);
    let call = if is_service { call.with_access_token() } else { call };
    open_file("Teams", media, call, MAX_BYTES, transport, |status| match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN if is_service => {
            Some(SendError::account_invalid("Teams does not accept the bot's token"))
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND | StatusCode::GONE => {
            let why = "the file's address held for some minutes only";
            Some(SendError::rejected("address_ran_out", why))
        }
        _ => None,
    })
    .await
}
