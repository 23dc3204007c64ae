use std::sync::Arc;

use axum::{
    extract::{Path, State, WebSocketUpgrade, ws::rejection::WebSocketUpgradeRejection},
    response::Response,
};
use http::HeaderMap;
use weft_domain::Error;
use weft_web::ClientAddress;

use super::{Api, visitor::chat};
use crate::live;

/// What is spoken over the socket.
const PROTOCOL: &str = "weft.webchat.v1";
/// A browser can say nothing more when it opens a socket, so the token stands among the protocols.
const TOKEN: &str = "token.";
const MAX_FRAME_BYTES: usize = 64 * 1024;
/// Each socket has one, and a visitor says little.
const READ_BUFFER: usize = 4 * 1024;

/// `GET /webchat/{channel_id}/live`: a socket on which the visitor hears of answers at once.
pub(super) async fn handle(
    State(api): State<Arc<Api>>,
    Path(channel_id): Path<String>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> weft_web::Result<Response> {
    let chat = chat(&api, &channel_id, &headers, address).await?;
    let socket = upgrade.map_err(|error| Error::invalid("not_a_websocket", error.body_text()))?;
    let offered = socket.requested_protocols().filter_map(|value| value.to_str().ok());
    let token = offered.filter_map(|name| name.strip_prefix(TOKEN)).next().ok_or_else(|| {
        let words = format!("offer the protocols `{PROTOCOL}` and `{TOKEN}<session token>`");
        Error::unauthenticated("missing_session", words)
    })?;
    let visitor = chat.visitor(token, &api)?;
    // from here on nothing is missed: what came before is in the history
    let pushed = api.bus.subscribe_live(&visitor.room.subject()?).await?;
    let upgraded = socket
        .protocols([PROTOCOL])
        .max_message_size(MAX_FRAME_BYTES)
        .max_frame_size(MAX_FRAME_BYTES)
        .read_buffer_size(READ_BUFFER)
        .on_upgrade(move |socket| live::run(socket, api, visitor, pushed));
    Ok(upgraded)
}
