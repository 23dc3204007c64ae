use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};
use http::StatusCode;
use tokio_util::sync::CancellationToken;
use weft_bus::Bus;
use weft_channel::Host;
use weft_domain::Clock;

use crate::{Config, Webchat, gate::Gate, history::History};

mod cors;
mod list_messages;
mod open_live;
mod open_session;
pub(crate) mod post_message;
pub(crate) mod visitor;

const MAX_BODY_BYTES: usize = 32 * 1024;

/// What the handlers work with.
pub(crate) struct Api {
    pub(crate) host: Host<Webchat>,
    pub(crate) bus: Bus,
    pub(crate) history: History,
    pub(crate) gate: Gate,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) stop: CancellationToken,
    pub(crate) config: Config,
}

/// What visitors' pages call.
pub(crate) fn routes(api: Arc<Api>) -> Router {
    let cors = cors::layer(api.host.clone());
    Router::new()
        .route("/webchat/{channel_id}/sessions", post(open_session::handle).options(preflight))
        .route(
            "/webchat/{channel_id}/messages",
            get(list_messages::handle).post(post_message::handle).options(preflight),
        )
        .route("/webchat/{channel_id}/live", get(open_live::handle))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(cors)
        .with_state(api)
}

/// A browser's question before a call; the CORS layer writes the answer.
async fn preflight() -> StatusCode {
    StatusCode::NO_CONTENT
}
