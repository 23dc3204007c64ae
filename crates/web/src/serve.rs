use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use weft_runtime::TaskSet;

use crate::{
    Limits,
    connection::{self, Common, Slots},
    metering,
};

/// Out of file descriptors, mostly: trying again at once would only burn the processor.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(100);
const FULL: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// Serves `router` over HTTP/1 and HTTP/2, with WebSockets, until `stop`; gives back the address it listens on.
///
/// Server and connections are tasks of `tasks`: waiting for the set waits for running requests, at most `limits.drain`.
///
/// # Errors
/// When the listener has no address.
pub fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    stop: CancellationToken,
    tasks: &TaskSet,
) -> io::Result<SocketAddr> {
    metering::describe(&limits);
    let address = listener.local_addr()?;
    let slots = Slots::new(&limits);
    let common = Common { router, limits: Arc::new(limits), stop, tasks: tasks.clone() };
    tasks.spawn_critical(format!("http server {address}"), accept(listener, slots, common));
    Ok(address)
}

async fn accept(listener: TcpListener, slots: Slots, common: Common) {
    while let Some(accepted) = common.stop.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((stream, peer)) => begin(stream, peer, &slots, &common),
            Err(error) if is_the_peers(&error) => {}
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "cannot accept connections");
                tokio::time::sleep(PAUSE_AFTER_FAILURE).await;
            }
        }
    }
}

fn begin(stream: TcpStream, peer: SocketAddr, slots: &Slots, common: &Common) {
    let slot = match slots.take(peer.ip()) {
        Ok(slot) => slot,
        Err(limit) => {
            metering::refused(limit);
            // whoever does not get these few bytes sees a closed connection, which says the same
            drop(stream.try_write(FULL));
            return;
        }
    };
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(error = &error as &dyn std::error::Error, "no TCP_NODELAY");
    }
    common.tasks.spawn("http connection", connection::run(stream, peer, slot, common.clone()));
}

fn is_the_peers(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
