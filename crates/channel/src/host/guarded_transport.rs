use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use http::StatusCode;
use tokio::net::TcpStream;

use super::{
    channel_log::{CallNotes, Ended},
    circuit::{Call, Circuits},
    routes::Routes,
};
use crate::{Dial, Download, HttpTransport, ProviderCall, ProviderReply, Transport, TransportError};

/// The transport that an adapter is given: it does not call a provider that fails all the time, and notes each call.
pub(crate) struct GuardedTransport {
    inner: HttpTransport,
    circuits: Circuits,
    routes: Routes,
    account: String,
    max_download: u64,
    notes: CallNotes,
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
        notes: CallNotes,
    ) -> Self {
        let refused_for = Mutex::default();
        Self { inner, circuits, routes, account, max_download, notes, sends: false, refused_for }
    }

    /// It is for sending a message.
    pub(crate) fn for_sending(self) -> Self {
        Self { sends: true, ..self }
    }

    /// How long to wait, when a call was not made because its circuit is open.
    pub(crate) fn refused_for(&self) -> Option<Duration> {
        *self.refused_for.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says for the channel log what the adapter made of its calls.
    pub(crate) fn ended(&self, ended: Ended<'_>) {
        self.notes.ended(ended);
    }

    async fn begin(&self, class: &'static str) -> Result<Call, TransportError> {
        self.circuits.begin(&self.account, class, self.sends).await.map_err(|wait| {
            *self.refused_for.lock().unwrap_or_else(PoisonError::into_inner) = Some(wait);
            let why = "it failed so often that calls to it are paused";
            self.notes.left_out(class, "circuit_open", why);
            TransportError::Unreachable { why: why.to_owned() }
        })
    }
}

#[async_trait]
impl Transport for GuardedTransport {
    async fn call(&self, call: ProviderCall) -> Result<ProviderReply, TransportError> {
        let (class, permit) = (call.endpoint_class, self.begin(call.endpoint_class).await?);
        let begun = Instant::now();
        let answer = self.inner.call(call).await;
        permit.end(worked(answer.as_ref().map(|reply| reply.status)));
        let answered = answer.as_ref().map(|reply| (reply.status, reply.body.len()));
        self.notes.called(class, begun.elapsed(), answered);
        answer
    }

    async fn download(&self, call: ProviderCall, max_bytes: u64) -> Result<Download, TransportError> {
        let (class, permit) = (call.endpoint_class, self.begin(call.endpoint_class).await?);
        let begun = Instant::now();
        let answer = self.inner.download(call, max_bytes.min(self.max_download)).await;
        permit.end(worked(answer.as_ref().map(|download| download.status)));
        // its bytes are still to come
        self.notes.called(class, begun.elapsed(), answer.as_ref().map(|download| (download.status, 0)));
        answer
    }

    async fn route(&self, thread_id: &str) -> Option<String> {
        self.routes.of(thread_id).await
    }

    async fn dial(&self, to: Dial) -> Result<TcpStream, TransportError> {
        let (class, permit) = (to.endpoint_class, self.begin(to.endpoint_class).await?);
        let begun = Instant::now();
        let answer = self.inner.dial(to).await;
        permit.end(worked(answer.as_ref().map(|_| StatusCode::OK)));
        self.notes.called(class, begun.elapsed(), answer.as_ref().map(|_| (StatusCode::OK, 0)));
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
