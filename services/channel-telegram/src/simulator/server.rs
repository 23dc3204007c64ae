use std::{io, time::Duration};

use axum::body::Body;
use hyper::service::service_fn;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;
use weft_runtime::TaskSet;

use super::{Simulator, routes};

/// Marks an answer that is never sent: the connection is closed instead.
#[derive(Clone, Copy, Debug)]
pub(super) struct DropConnection;

#[derive(Debug)]
struct Dropped;

impl std::fmt::Display for Dropped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection is dropped on purpose")
    }
}

impl std::error::Error for Dropped {}

/// How long calls in hand may take to end.
const END: Duration = Duration::from_secs(2);

/// After a connection that could not be accepted.
const PAUSE: Duration = Duration::from_millis(20);

/// Serves connections by hand, because a fault has to close one without an answer.
pub(super) async fn serve(
    simulator: &Simulator,
    listener: TcpListener,
    stop: CancellationToken,
) -> io::Result<()> {
    let connections = TaskSet::new("simulator");
    let router = routes::router(simulator);
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            // the client is gone, or there are no more file handles: no reason to end, nor to spin
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        connections.spawn("connection", connection(stream, router.clone(), stop.clone()));
    }
    if connections.drain(END).await.is_err() {
        connections.abort();
    }
    Ok(())
}

async fn connection(stream: TcpStream, router: axum::Router, stop: CancellationToken) {
    let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let router = router.clone();
        async move {
            let response = match router.oneshot(request.map(Body::new)).await {
                Ok(response) => response,
                Err(never) => match never {},
            };
            let is_dropped = response.extensions().get::<DropConnection>().is_some();
            if is_dropped { Err(Dropped) } else { Ok(response) }
        }
    });
    let builder = Builder::new(TokioExecutor::new());
    let mut served = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
    let ended = tokio::select! {
        ended = served.as_mut() => Some(ended),
        () = stop.cancelled() => None,
    };
    if ended.is_none() {
        served.as_mut().graceful_shutdown();
        drop(served.await);
    }
}
