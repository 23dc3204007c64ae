use std::time::Duration;

use tokio::{io::DuplexStream, net::TcpListener, sync::mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{service::Routes, transport::server::TcpIncoming};
use weft_auth::Authority;
use weft_domain::{Error, Result};

use crate::{Guard, Tls, channels::unusable, metering};

/// How many callers may connect at once before they wait.
pub(crate) const BACKLOG: usize = 16;

/// A service's gRPC server: its methods behind the guard.
pub struct Server {
    routes: Routes,
    guard: Guard,
    tls: Option<Tls>,
}

impl Server {
    /// A server of these routes that asks `authority` who is calling.
    pub fn new(routes: Routes, authority: Authority) -> Self {
        metering::describe();
        Self { routes, guard: Guard::new(authority), tls: None }
    }

    /// Over TCP it shows its certificate, and answers only callers who show theirs.
    pub fn secured(self, tls: Tls) -> Self {
        Self { tls: Some(tls), ..self }
    }

    /// Serves callers of other processes until `stop`, and then finishes what is running.
    pub async fn serve_tcp(self, listener: TcpListener, stop: impl Future<Output = ()>) -> Result<()> {
        let mut builder = builder(self.guard);
        if let Some(tls) = &self.tls {
            builder = builder.tls_config(tls.server()).map_err(unusable)?;
        }
        builder
            .add_routes(self.routes)
            .serve_with_incoming_shutdown(incoming(listener), stop)
            .await
            .map_err(Error::internal)
    }

    /// Serves callers of this process until `stop`, and then finishes what is running.
    pub async fn serve_local(
        self,
        incoming: mpsc::Receiver<DuplexStream>,
        stop: impl Future<Output = ()>,
    ) -> Result<()> {
        use tokio_stream::StreamExt;
        builder(self.guard)
            .add_routes(self.routes)
            .serve_with_incoming_shutdown(ReceiverStream::new(incoming).map(Ok::<_, std::io::Error>), stop)
            .await
            .map_err(Error::internal)
    }
}

/// Connections that send at once: an answer is several small writes, and each would wait for the caller's delayed ACK of the
/// one before (40 ms on Linux).
fn incoming(listener: TcpListener) -> TcpIncoming {
    TcpIncoming::from(listener).with_nodelay(Some(true))
}

fn builder(
    guard: Guard,
) -> tonic::transport::Server<tower::layer::util::Stack<Guard, tower::layer::util::Identity>> {
    tonic::transport::Server::builder()
        .concurrency_limit_per_connection(1024)
        .http2_keepalive_interval(Some(Duration::from_secs(20)))
        .initial_stream_window_size(1 << 20)
        .layer(guard)
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpStream;
    use tokio_stream::StreamExt as _;

    use super::*;

    #[tokio::test]
    async fn what_is_written_to_a_caller_does_not_wait_for_an_ack() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut incoming = incoming(listener);
        let _caller = TcpStream::connect(address).await.unwrap();
        assert!(incoming.next().await.unwrap().unwrap().nodelay().unwrap());
    }
}
