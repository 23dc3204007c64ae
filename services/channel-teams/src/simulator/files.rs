use axum::{
    Router,
    extract::{Path, State as Shared},
    response::{IntoResponse as _, Response},
    routing::get,
};
use http::{HeaderMap, StatusCode, header};
use weft_channel::simulation::PNG;

use super::Simulator;

/// Where people's files are: pictures with the Connector, other files with the organisation.
pub(super) fn router() -> Router<Simulator> {
    Router::new()
        .route("/{place}/v3/attachments/{id}/views/original", get(picture))
        .route("/download", get(download))
}

async fn picture(
    Shared(simulator): Shared<Simulator>,
    Path((_region, _id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    match simulator.admit(&headers) {
        Ok(()) => ([(header::CONTENT_TYPE, "image/png")], PNG).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// The address says all: whoever sends the bot's token along gives it away.
async fn download(headers: HeaderMap) -> Response {
    if headers.contains_key(header::AUTHORIZATION) {
        return (StatusCode::BAD_REQUEST, "no token belongs here").into_response();
    }
    ([(header::CONTENT_TYPE, "application/pdf")], "%PDF-1.4 simulated").into_response()
}
