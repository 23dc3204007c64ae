use std::time::Duration;

use http::{StatusCode, header};
use url::Url;
use weft_channel::{Media, MediaStream, ProviderCall, SendError, Transport, open_file};

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
    let opened = open_file("WhatsApp", media, call, MAX_BYTES, transport, |status| match status {
        // an address is good for some minutes; the next try asks for a new one
        StatusCode::UNAUTHORIZED | StatusCode::NOT_FOUND => {
            Some(SendError::unreachable("WhatsApp's address of the file has run out"))
        }
        _ => None,
    })
    .await?;
    let mime = file.mime_type.or_else(|| Some(media.mime.clone())).filter(|mime| !mime.is_empty());
    Ok(MediaStream { mime, size: file.file_size, ..opened })
}

/// The token goes over TLS, or back to where it was just sent.
fn is_safe(url: &Url, account: &Account) -> bool {
    url.scheme() == "https" || url.origin() == account.api_base.origin()
}
