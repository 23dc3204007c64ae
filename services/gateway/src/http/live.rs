use axum::{
    extract::{State, WebSocketUpgrade},
    response::Response,
};
use http::{HeaderMap, Uri, header::SEC_WEBSOCKET_PROTOCOL};
use serde::Serialize;
use weft_auth::Principal;
use weft_proto::options::v1::policy::RateClass;
use weft_web::{ClientAddress, Json, Problem};

use super::bearer;
use crate::{
    live::{PERMISSION, PROTOCOL, TICKET_LIFE},
    state::Gateway,
};

/// A browser's WebSocket has no headers of its own but this list.
const TICKET: &str = "ticket.";
const LARGEST_FRAME: usize = 64 * 1024;
/// Each socket has one, and whoever listens says little.
const READ_BUFFER: usize = 4 * 1024;
/// What is more than this waits in the ring, not here.
const WRITE_BUFFER: usize = 64 * 1024;

/// A ticket for one socket.
#[derive(Serialize)]
pub(crate) struct Ticket {
    ticket: String,
    expires_in: u64,
}

/// `POST /v1/live/tickets`
pub(crate) async fn make_ticket(
    State(gateway): State<Gateway>,
    address: ClientAddress,
    headers: HeaderMap,
) -> Result<(HeaderMap, Json<Ticket>), Problem> {
    let caller = bearer::caller(&gateway.exchange, &headers).await?;
    let mut answered = HeaderMap::new();
    gateway.rates.count(RateClass::Write, Some(&caller.principal), address.0, &mut answered).await?;
    caller.principal.require(PERMISSION)?;
    let ticket = gateway.live.make_ticket(&caller.principal).await?;
    Ok((answered, Json(Ticket { ticket, expires_in: TICKET_LIFE.as_secs() })))
}

/// `GET /v1/live`
pub(crate) async fn open(
    State(gateway): State<Gateway>,
    uri: Uri,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    gateway.origins.check(&headers, &uri)?;
    let caller = caller(&gateway, &headers).await?;
    let session = gateway.live.session(caller)?;
    let upgrade = upgrade
        .protocols([PROTOCOL])
        .max_message_size(LARGEST_FRAME)
        .max_frame_size(LARGEST_FRAME)
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER);
    Ok(upgrade.on_upgrade(async move |socket| session.start(socket)))
}

async fn caller(gateway: &Gateway, headers: &HeaderMap) -> weft_domain::Result<Principal> {
    match ticket(headers) {
        Some(text) => gateway.live.take_ticket(text).await,
        None => bearer::caller(&gateway.exchange, headers).await.map(|caller| caller.principal),
    }
}

fn ticket(headers: &HeaderMap) -> Option<&str> {
    let lists = headers.get_all(SEC_WEBSOCKET_PROTOCOL).into_iter().filter_map(|list| list.to_str().ok());
    lists.flat_map(|list| list.split(',')).find_map(|name| name.trim().strip_prefix(TICKET))
}
