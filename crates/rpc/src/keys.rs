use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tonic::{Request, transport::Channel};
use weft_auth::{Authority, PublicKey};
use weft_domain::Result;
use weft_proto::directory::v1::{GetKeysRequest, auth_client::AuthClient};

use crate::error;

/// Keys are published this long before they sign anything (AU-2).
const REFRESH: Duration = Duration::from_secs(300);
const AT_MOST: Duration = Duration::from_secs(60);

/// Takes the published keys from `directory`.
pub async fn fetch_keys(authority: &Authority, directory: Channel) -> Result<()> {
    let answer = AuthClient::new(directory)
        .get_keys(Request::new(GetKeysRequest {}))
        .await
        .map_err(|status| error(&status))?;
    let keys: Vec<_> =
        answer.into_inner().keys.into_iter().map(|key| PublicKey { kid: key.kid, x: key.x }).collect();
    authority.set_keys(&keys);
    Ok(())
}

/// Keeps the published keys fresh until `stop`: every five minutes, and when a token names a key we do not have, at most
/// once a minute.
pub async fn keep_keys(authority: Authority, directory: Channel, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(REFRESH) => {}
            () = authority.keys_wanted() => {}
            () = stop.cancelled() => return,
        }
        if let Err(error) = fetch_keys(&authority, directory.clone()).await {
            tracing::warn!(error = %error, "the published keys could not be fetched");
        }
        tokio::select! {
            () = tokio::time::sleep(AT_MOST) => {}
            () = stop.cancelled() => return,
        }
    }
}
