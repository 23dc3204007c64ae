use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use http::{HeaderMap, StatusCode};
use thiserror::Error;
use tokio::net::TcpStream;

use crate::{ProviderCall, ProviderReply, SendError};

/// The only way from an adapter to its provider.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Makes a call and reads the whole answer; a bad status is an answer, not an error.
    async fn call(&self, call: ProviderCall) -> Result<ProviderReply, TransportError>;

    /// Makes a call and hands the answer's body out as it comes, at most `max_bytes` of it.
    async fn download(&self, call: ProviderCall, max_bytes: u64) -> Result<Download, TransportError>;

    /// Where the provider last said that this thread is answered; see [`crate::Received::routes`].
    async fn route(&self, thread_id: &str) -> Option<String> {
        let _unknown = thread_id;
        None
    }

    /// Opens a connection to a provider that does not speak HTTP. Where there is only HTTP it is refused.
    async fn dial(&self, to: Dial) -> Result<TcpStream, TransportError> {
        let Dial { endpoint_class, .. } = to;
        Err(TransportError::Refused { why: format!("there is only HTTP, and no way to {endpoint_class}") })
    }
}

/// Where a connection goes that is not HTTP.
#[derive(Clone, PartialEq, Eq)]
pub struct Dial {
    /// A name or an address.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The ports of this protocol: no other is called on the internet.
    pub ports: &'static [u16],
    /// As of a [`ProviderCall`].
    pub endpoint_class: &'static str,
}

/// A body as it comes.
pub type BodyStream = BoxStream<'static, Result<Bytes, TransportError>>;

/// The start of an answer, and its body to be read.
pub struct Download {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: BodyStream,
}

/// Why there is no answer. The words hold no address and no secret.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TransportError {
    /// We do not call this address.
    #[error("the address may not be called: {why}")]
    Refused {
        /// In plain words.
        why: String,
    },
    /// The call surely did not reach the provider.
    #[error("no connection: {why}")]
    Unreachable {
        /// In plain words.
        why: String,
    },
    /// The call may have reached the provider.
    #[error("no answer: {why}")]
    Interrupted {
        /// In plain words.
        why: String,
    },
    /// The answer is larger than we take.
    #[error("the answer is too large")]
    TooLarge,
    /// The call was not made: there is no access token for it.
    #[error("no access token: {why}")]
    NoAccess {
        /// Why the provider gave none.
        why: SendError,
    },
}

impl fmt::Debug for Dial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dial")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("endpoint_class", &self.endpoint_class)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download").field("status", &self.status).finish_non_exhaustive()
    }
}
