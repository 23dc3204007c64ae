//! The Socket.IO face, for pages that speak it: the same visitors, the same words.

mod events;
mod page;
mod serve;

use std::{
    future::{Ready, ready},
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    Extension, Router,
    extract::{Path, Request, State},
    response::Response,
};
use http::{HeaderValue, Uri, header::ORIGIN, uri::PathAndQuery};
use socketioxide::{
    SocketIo,
    extract::{HttpExtension, SocketRef},
    handler::ConnectHandler as _,
};
use tower::ServiceExt as _;
use weft_domain::{Error, Result};
use weft_web::ClientAddress;

use crate::http::{Api, visitor::chat};

/// The library's server; clones are the same one.
#[derive(Clone)]
pub(crate) struct Service(Router);

const MAX_PAYLOAD_BYTES: u64 = 64 * 1024;
const MAX_FRAME_BYTES: usize = 64 * 1024;
/// Each socket has one, and a visitor says little.
const READ_BUFFER: usize = 4 * 1024;
/// Where the library looks for its requests: ours have the channel in their path.
const INSIDE: &str = "/socket.io/";
/// As often as on our own sockets.
const PING_EVERY: Duration = Duration::from_secs(20);

/// The chat that was called, and from where.
#[derive(Clone)]
struct Door {
    channel: String,
    name: String,
    /// The page.
    origin: Option<HeaderValue>,
    address: IpAddr,
    /// Somebody came in.
    was_used: Arc<AtomicBool>,
}

/// Starts the library's server.
pub(crate) fn service(api: &Arc<Api>) -> Service {
    let (layer, io) = SocketIo::builder()
        .req_path(INSIDE)
        .max_payload(MAX_PAYLOAD_BYTES)
        .ws_max_message_size(MAX_FRAME_BYTES)
        .ws_max_frame_size(MAX_FRAME_BYTES)
        .ws_read_buffer_size(READ_BUFFER)
        .ping_interval(PING_EVERY)
        .build_layer();
    let shared = Arc::clone(api);
    let enter = move |socket: SocketRef, HttpExtension(door): HttpExtension<Door>| {
        serve::start(&shared, &socket, door);
        ready(())
    };
    io.ns("/", enter.with(only_once));
    Service(Router::new().layer(layer))
}

/// `/webchat/{channel_id}/socket.io/`: every request of the library's client. The page is checked first, as everywhere.
pub(crate) async fn handle(
    State(api): State<Arc<Api>>,
    Path(channel_id): Path<String>,
    ClientAddress(address): ClientAddress,
    Extension(Service(service)): Extension<Service>,
    mut request: Request,
) -> weft_web::Result<Response> {
    let chat = chat(&api, &channel_id, request.headers(), address).await?;
    let door = Door {
        channel: channel_id,
        name: chat.account.name.clone(),
        origin: request.headers().get(ORIGIN).cloned(),
        address,
        was_used: Arc::default(),
    };
    request.extensions_mut().insert(door);
    *request.uri_mut() = inside(request.uri())?;
    match service.oneshot(request).await {
        Ok(answer) => Ok(answer),
        Err(never) => match never {},
    }
}

/// Who was sent away comes back by the door: the library leaves the connection open, and nothing on it was checked again.
fn only_once(HttpExtension(door): HttpExtension<Door>) -> Ready<std::result::Result<(), &'static str>> {
    let was_used = door.was_used.swap(true, Ordering::Relaxed);
    ready(if was_used { Err("open another connection") } else { Ok(()) })
}

fn inside(uri: &Uri) -> Result<Uri> {
    let path = format!("{INSIDE}?{}", uri.query().unwrap_or_default());
    Ok(Uri::from(path.parse::<PathAndQuery>().map_err(Error::internal)?))
}
