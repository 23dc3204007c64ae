//! The Socket.IO face, for pages that speak it: the same visitors, the same words.

mod events;
mod serve;

use std::{future::ready, net::IpAddr, sync::Arc, time::Duration};

use axum::{
    Extension, Router,
    extract::{Path, Request, State},
    response::Response,
};
use http::{Uri, uri::PathAndQuery};
use socketioxide::{
    SocketIo,
    extract::{HttpExtension, SocketRef},
};
use tower::ServiceExt as _;
use weft_domain::{Error, Result};
use weft_web::ClientAddress;

use crate::http::{
    Api,
    visitor::{Chat, chat},
};

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
    chat: Chat,
    address: IpAddr,
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
    io.ns("/", move |socket: SocketRef, HttpExtension(door): HttpExtension<Door>| {
        serve::start(&shared, &socket, door);
        ready(())
    });
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
    request.extensions_mut().insert(Door { chat, address });
    *request.uri_mut() = inside(request.uri())?;
    match service.oneshot(request).await {
        Ok(answer) => Ok(answer),
        Err(never) => match never {},
    }
}

fn inside(uri: &Uri) -> Result<Uri> {
    let path = format!("{INSIDE}?{}", uri.query().unwrap_or_default());
    Ok(Uri::from(path.parse::<PathAndQuery>().map_err(Error::internal)?))
}
