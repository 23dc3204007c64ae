use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use tokio::net::TcpStream;
use weft_channel::{Dial, Download, HttpTransport, ProviderCall, ProviderReply, Transport, TransportError};

/// Keeps where threads are answered, as the host does.
#[derive(Clone)]
pub(crate) struct Routed {
    inner: HttpTransport,
    routes: Arc<Mutex<HashMap<String, String>>>,
}

impl Routed {
    pub(crate) fn new(inner: HttpTransport) -> Self {
        Self { inner, routes: Arc::default() }
    }

    pub(crate) fn keep(&self, routes: &[(String, String)]) {
        self.routes.lock().unwrap().extend(routes.iter().cloned());
    }
}

#[async_trait::async_trait]
impl Transport for Routed {
    async fn call(&self, call: ProviderCall) -> Result<ProviderReply, TransportError> {
        self.inner.call(call).await
    }

    async fn download(&self, call: ProviderCall, max_bytes: u64) -> Result<Download, TransportError> {
        self.inner.download(call, max_bytes).await
    }

    async fn route(&self, thread_id: &str) -> Option<String> {
        self.routes.lock().unwrap().get(thread_id).cloned()
    }

    async fn dial(&self, to: Dial) -> Result<TcpStream, TransportError> {
        self.inner.dial(to).await
    }
}
