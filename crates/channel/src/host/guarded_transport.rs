use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use http::StatusCode;
use tokio::net::TcpStream;

use super::{
    circuit::{Call, Circuits},
    routes::Routes,
};
use crate::{Dial, Download, HttpTransport, ProviderCall, ProviderReply, Transport, TransportError};

/// The transport that an adapter is given: it does not call a provider that fails all the time.
pub(crate) struct GuardedTransport {
    inner: HttpTransport,
    circuits: Circuits,
    routes: Routes,
    account: String,
    max_download: u64,
    sends: bool,
    refused_for: Mutex<Option<Duration>>,
}

impl GuardedTransport {
    pub(crate) fn new(
        inner: HttpTransport,
        circuits: Circuits,
        routes: Routes,
        account: String,
        max_download: u64,
    ) -> Self {
        Self { inner, circuits, routes, account, max_download, sends: false, refused_for: Mutex::default() }
    }

    /// It is for sending a message.
    pub(crate) fn for_sending(self) -> Self {
        Self { sends: true, ..self }
    }

    /// How long to wait, when a call was not made because its circuit is open.
    pub(crate) fn refused_for(&self) -> Option<Duration> {
        *self.refused_for.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn begin(&self, class: &'static str) -> Result<Call, TransportError> {
        self.circuits.begin(&self.account, class, self.sends).await.map_err(|wait| {
            *self.refused_for.lock().unwrap_or_else(PoisonError::into_inner) = Some(wait);
            TransportError::Unreachable { why: "it failed so often that calls to it are paused".to_owned() }
        })
    }
}

#[async_trait]
impl Transport for GuardedTransport {
    async fn call(&self, call: ProviderCall) -> Result<ProviderReply, TransportError> {
        let permit = self.begin(call.endpoint_class).await?;
        let answer = self.inner.call(call).await;
        permit.end(worked(answer.as_ref().map(|reply| reply.status)));
        answer
    }

    async fn download(&self, call: ProviderCall, max_bytes: u64) -> Result<Download, TransportError> {
        let permit = self.begin(call.endpoint_class).await?;
        let answer = self.inner.download(call, max_bytes.min(self.max_download)).await;
        permit.end(worked(answer.as_ref().map(|download| download.status)));
        answer
    }

    async fn route(&self, thread_id: &str) -> Option<String> {
        self.routes.of(thread_id).await
    }

    async fn dial(&self, to: Dial) -> Result<TcpStream, TransportError> {
        let permit = self.begin(to.endpoint_class).await?;
        let answer = self.inner.dial(to).await;
        permit.end(worked(answer.as_ref().map(|_| StatusCode::OK)));
        answer
    }
}

/// Whether the provider is there; that it refuses something is no fault of it.
fn worked(answer: Result<StatusCode, &TransportError>) -> bool {
    match answer {
        Ok(status) => !status.is_server_error(),
        Err(TransportError::Unreachable { .. } | TransportError::Interrupted { .. }) => false,
        Err(TransportError::Refused { .. } | TransportError::TooLarge | TransportError::NoAccess { .. }) => {
            true
        }
    }
}
