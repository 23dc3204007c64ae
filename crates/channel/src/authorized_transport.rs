use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use http::{HeaderValue, StatusCode, header};
use moka::{Expiry, future::Cache};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::net::TcpStream;

use crate::{Adapter, Dial, Download, ProviderCall, ProviderReply, SendError, Transport, TransportError};

const MOST: u64 = 100_000;
/// A token is not used in the last minutes of its time: the call has to arrive, and clocks differ.
const MARGIN: Duration = Duration::from_mins(5);

/// A short-lived token that the provider gave for an account's credentials.
#[derive(Clone, Debug)]
pub struct AccessToken {
    /// What goes behind `Bearer`.
    pub value: SecretString,
    /// How long the provider takes it from now on.
    pub holds_for: Duration,
}

/// The access tokens of accounts, in memory only, each until shortly before its end. Clones are the same ones.
#[derive(Clone)]
pub struct AccessTokens(Cache<String, AccessToken>);

/// A transport that puts the account's access token on the calls that ask for one: it gets the token from the adapter when
/// there is none, and once anew when the provider does not take it.
pub struct AuthorizedTransport<A: Adapter, T> {
    adapter: Arc<A>,
    account: A::Account,
    /// Whose token it is, and of which state of the account.
    key: String,
    tokens: AccessTokens,
    inner: T,
}

struct UntilShortlyBefore;

impl Expiry<String, AccessToken> for UntilShortlyBefore {
    fn expire_after_create(&self, _: &String, token: &AccessToken, _: Instant) -> Option<Duration> {
        let margin = MARGIN.min(token.holds_for / 2);
        Some(token.holds_for.saturating_sub(margin))
    }
}

impl AccessTokens {
    /// None yet.
    pub fn new() -> Self {
        Self(Cache::builder().max_capacity(MOST).expire_after(UntilShortlyBefore).build())
    }
}

impl Default for AccessTokens {
    fn default() -> Self {
        Self::new()
    }
}

impl<A: Adapter, T: Transport> AuthorizedTransport<A, T> {
    /// Makes a transport over another; `key` names the account and its version.
    pub fn new(adapter: Arc<A>, account: A::Account, key: String, tokens: AccessTokens, inner: T) -> Self {
        Self { adapter, account, key, tokens, inner }
    }

    /// The transport that makes the calls.
    pub fn inner(&self) -> &T {
        &self.inner
    }

    /// The call with the token on it. Who waits at the same time waits for the same token.
    async fn authorized(&self, call: &ProviderCall) -> Result<ProviderCall, TransportError> {
        let get = Box::pin(self.adapter.access_token(&self.account, &self.inner));
        let token = self.tokens.0.try_get_with_by_ref(&self.key, get).await;
        let token = token.map_err(|error| TransportError::NoAccess { why: SendError::clone(&error) })?;
        let value = HeaderValue::from_str(&format!("Bearer {}", token.value.expose_secret()))
            .map_err(|_| refused("the access token has characters that a header cannot carry"))?;
        Ok(ProviderCall { with_access_token: false, ..call.clone() }.header(header::AUTHORIZATION, value))
    }
}

#[async_trait]
impl<A: Adapter, T: Transport> Transport for AuthorizedTransport<A, T> {
    async fn call(&self, call: ProviderCall) -> Result<ProviderReply, TransportError> {
        if !call.with_access_token {
            return self.inner.call(call).await;
        }
        let reply = self.inner.call(self.authorized(&call).await?).await?;
        if reply.status != StatusCode::UNAUTHORIZED {
            return Ok(reply);
        }
        self.tokens.0.invalidate(&self.key).await;
        self.inner.call(self.authorized(&call).await?).await
    }

    async fn download(&self, call: ProviderCall, max_bytes: u64) -> Result<Download, TransportError> {
        if !call.with_access_token {
            return self.inner.download(call, max_bytes).await;
        }
        let download = self.inner.download(self.authorized(&call).await?, max_bytes).await?;
        if download.status != StatusCode::UNAUTHORIZED {
            return Ok(download);
        }
        self.tokens.0.invalidate(&self.key).await;
        self.inner.download(self.authorized(&call).await?, max_bytes).await
    }

    async fn dial(&self, to: Dial) -> Result<TcpStream, TransportError> {
        self.inner.dial(to).await
    }

    async fn route(&self, thread_id: &str) -> Option<String> {
        self.inner.route(thread_id).await
    }
}

fn refused(why: &str) -> TransportError {
    TransportError::Refused { why: why.to_owned() }
}

impl fmt::Debug for AccessTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessTokens").field("tokens", &self.0.entry_count()).finish()
    }
}

impl<A: Adapter, T> fmt::Debug for AuthorizedTransport<A, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizedTransport").finish_non_exhaustive()
    }
}
