use std::time::Duration;

use moka::future::Cache;
use sha2::{Digest, Sha256};
use tonic::Request;
use weft_auth::{Authority, Principal};
use weft_domain::{Error, Result};
use weft_proto::directory::v1::{ExchangeApiTokenRequest, auth_client::AuthClient};

use crate::{Client, error};

/// Shorter than an access token lives, so that what is cached is still good.
const KEEP: Duration = Duration::from_secs(60);
const API_TOKEN_PREFIX: &str = "weft_";

/// Turns what a caller shows at the edge into an access token for inside: API tokens are exchanged at `directory`,
/// access tokens pass. Cheap to clone.
#[derive(Clone)]
pub struct Exchange {
    authority: Authority,
    directory: AuthClient<Client>,
    exchanged: Cache<[u8; 32], String>,
}

/// A caller at the edge.
#[derive(Clone, Debug)]
pub struct EdgeCaller {
    /// The access token to send along.
    pub access_token: String,
    /// Who it names.
    pub principal: Principal,
}

impl Exchange {
    /// An exchange that asks `directory`.
    pub fn new(authority: Authority, directory: Client) -> Self {
        let exchanged = Cache::builder().max_capacity(10_000).time_to_live(KEEP).build();
        Self { authority, directory: AuthClient::new(directory), exchanged }
    }

    /// The caller behind a bearer token. A revoked one is refused, also while it is cached.
    pub async fn caller(&self, bearer: &str) -> Result<EdgeCaller> {
        let access_token = if bearer.starts_with(API_TOKEN_PREFIX) {
            self.exchange(bearer).await?
        } else {
            bearer.to_owned()
        };
        let principal = self.authority.verify(&access_token)?;
        Ok(EdgeCaller { access_token, principal })
    }

    async fn exchange(&self, api_token: &str) -> Result<String> {
        let key: [u8; 32] = Sha256::digest(api_token).into();
        if let Some(access_token) = self.exchanged.get(&key).await {
            return Ok(access_token);
        }
        let request = Request::new(ExchangeApiTokenRequest { token: api_token.to_owned() });
        let answer =
            self.directory.clone().exchange_api_token(request).await.map_err(|status| error(&status))?;
        let access_token = answer.into_inner().access_token;
        if access_token.is_empty() {
            return Err(Error::unauthenticated("invalid_token", "the API token is not valid"));
        }
        self.exchanged.insert(key, access_token.clone()).await;
        Ok(access_token)
    }
}
