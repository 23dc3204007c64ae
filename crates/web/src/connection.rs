use std::{convert::Infallible, net::SocketAddr, pin::pin, sync::Arc};

use axum::{Router, body::Body, extract::ConnectInfo};
use http::{Request, Response, header::EXPECT};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use crate::Limits;

mod activity;
mod executor;
mod guarded_body;
mod paced_body;
mod slots;
mod unread_rest;
mod watched_stream;

use activity::Activity;
use executor::OnTaskSet;
use guarded_body::GuardedBody;
use paced_body::PacedBody;
pub(crate) use slots::{Slot, Slots};
use unread_rest::UnreadRest;
use watched_stream::WatchedStream;
use weft_runtime::TaskSet;

/// What all connections of one server have in common.
#[derive(Clone)]
pub(crate) struct Common {
    pub(crate) router: Router,
    pub(crate) limits: Arc<Limits>,
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskSet,
}

/// Serves one connection until it ends, idles too long, or the server stops.
pub(crate) async fn run(stream: TcpStream, peer: SocketAddr, slot: Slot, common: Common) {
    let Common { router, limits, stop, tasks } = common;
    let activity = Arc::new(Activity::new());
    let io = WatchedStream::new(stream, Arc::clone(&activity), slot, limits.idle);
    let rests = tasks.clone();
    let builder = builder(&limits, tasks);
    let service = service_fn(|request: Request<Incoming>| {
        answer(router.clone(), request, peer, Arc::clone(&activity), Arc::clone(&limits), rests.clone())
    });
    let mut connection = pin!(builder.serve_connection_with_upgrades(TokioIo::new(io), service));

    tokio::select! {
        ended = connection.as_mut() => return note_end(ended),
        () = activity.too_long(&limits) => return,
        () = stop.cancelled() => {}
    }
    connection.as_mut().graceful_shutdown();
    match tokio::time::timeout(limits.drain, connection).await {
        Ok(ended) => note_end(ended),
        Err(_elapsed) => tracing::warn!("a connection was cut: its request did not end in time"),
    }
}

async fn answer(
    router: Router,
    request: Request<Incoming>,
    peer: SocketAddr,
    activity: Arc<Activity>,
    limits: Arc<Limits>,
    tasks: TaskSet,
) -> Result<Response<Body>, Infallible> {
    let running = Activity::begin(&activity, request.version());
    // Who waits to be asked for the body is refused before it is sent; to look at the rest would be to ask for it.
    let waits = request.headers().contains_key(EXPECT);
    let mut paced = request.map(|body| {
        let body = Body::new(PacedBody::new(body, limits.body_rate, limits.body_window));
        if waits { body } else { Body::new(UnreadRest::new(body, tasks)) }
    });
    paced.extensions_mut().insert(ConnectInfo(peer));
    let response = router.oneshot(paced).await?;
    Ok(response.map(|body| Body::new(GuardedBody::new(body, running))))
}

fn builder(limits: &Limits, tasks: TaskSet) -> auto::Builder<OnTaskSet> {
    /// Streams that a peer opens and resets are work for us and none for it.
    const RESETS: usize = 20;
    let mut builder = auto::Builder::new(OnTaskSet(tasks));
    // hyper's header timeout also ends idle connections; `Activity` tells the two apart
    builder.http1().timer(TokioTimer::new()).header_read_timeout(None).max_headers(limits.headers);
    let buffer = usize::try_from(limits.header_bytes).unwrap_or(usize::MAX);
    builder.http1().max_buf_size(buffer.max(8192));
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(limits.header_bytes)
        .max_pending_accept_reset_streams(RESETS)
        .max_local_error_reset_streams(RESETS)
        .keep_alive_interval(limits.idle / 3)
        .keep_alive_timeout(limits.idle / 3);
    builder
}

fn note_end(ended: Result<(), Box<dyn std::error::Error + Send + Sync>>) {
    // peers leave in every way; none of them is ours to look at
    if let Err(error) = ended {
        tracing::debug!(error, "connection ended");
    }
}
