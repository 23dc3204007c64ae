use std::{fmt, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;

use crate::SendError;

/// The provider's answer; its debug output shows no content.
#[derive(Clone)]
pub struct ProviderReply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, read whole.
    pub body: Bytes,
}

impl ProviderReply {
    /// Reads the body as JSON; [`SendError::Unreadable`] never quotes it.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, SendError> {
        serde_json::from_slice(&self.body).map_err(|error| SendError::Unreadable {
            why: format!("the answer is not as expected at line {}, column {}", error.line(), error.column()),
        })
    }

    /// What `Retry-After` says, when it says seconds.
    pub fn retry_after(&self) -> Option<Duration> {
        let seconds = self.headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
        Some(Duration::from_secs(seconds))
    }

    /// What the status alone means, for answers that say no more: a gateway's page, an empty body.
    pub fn error_of_status(&self) -> SendError {
        let code = self.status.as_u16();
        match code {
            401 => SendError::account_invalid("the provider does not accept the credentials"),
            413 => SendError::message_invalid("it is too large for the provider"),
            429 => SendError::Throttled { retry_after: self.retry_after() },
            // the gateway gave up waiting for a server that may have done it
            504 => SendError::unclear("the provider's gateway got no answer in time"),
            500.. => SendError::unreachable(format!("the provider has a fault of its own (status {code})")),
            200..300 => SendError::Unreadable { why: format!("the answer with status {code} says nothing") },
            _ => SendError::rejected(code.to_string(), format!("the provider refused it with status {code}")),
        }
    }
}

impl fmt::Debug for ProviderReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderReply")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
