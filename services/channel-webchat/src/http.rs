use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{any, get, post},
};
use http::StatusCode;
use tokio_util::sync::CancellationToken;
use weft_bus::Bus;
use weft_cache::Cache;
use weft_channel::Host;
use weft_domain::Clock;
use weft_runtime::Lifecycle;

use crate::{Config, Webchat, desk::Desk, gate::Gate, history::History, socket_io};

mod cors;
mod list_messages;
mod open_file;
mod open_live;
mod open_session;
mod post_message;
mod send_file;
mod show_chat;
pub(crate) mod visitor;

const MAX_BODY_BYTES: usize = 32 * 1024;

/// What the handlers work with.
pub(crate) struct Api {
    pub(crate) host: Host<Webchat>,
    pub(crate) bus: Bus,
    pub(crate) cache: Cache,
    pub(crate) history: History,
    pub(crate) desk: Desk,
    pub(crate) gate: Gate,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) stop: CancellationToken,
    pub(crate) config: Config,
}

/// What visitors' pages call.
pub(crate) fn routes(api: Arc<Api>) -> Router {
    let cors = cors::layer(api.host.clone());
    let socket_io = socket_io::service(&api);
    Router::new()
        .route("/webchat/{channel_id}", get(show_chat::handle).options(preflight))
        .route("/webchat/{channel_id}/sessions", post(open_session::handle).options(preflight))
        .route(
            "/webchat/{channel_id}/messages",
            get(list_messages::handle).post(post_message::handle).options(preflight),
        )
        .route("/webchat/{channel_id}/files", post(send_file::handle).options(preflight))
        .route("/webchat/{channel_id}/files/{link}", get(open_file::handle))
        .route("/webchat/{channel_id}/live", get(open_live::handle))
        .route("/webchat/{channel_id}/socket.io/", any(socket_io::handle))
        .layer(axum::Extension(socket_io))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(cors)
        .with_state(api)
}

/// A browser's question before a call; the CORS layer writes the answer.
async fn preflight() -> StatusCode {
    StatusCode::NO_CONTENT
}
