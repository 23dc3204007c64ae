use axum::{
    Router,
    extract::{Path, State as Shared},
    response::{IntoResponse as _, Response},
    routing::get,
};
use http::{HeaderMap, StatusCode, header};

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

/// One pixel.
const PNG: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0,
    0, 1, 8, 6, 0, 0, 0, 0x1f, 0x15, 0xc4, 0x89, 0, 0, 0, 0x0a, b'I', b'D', b'A', b'T', 0x78, 0x9c, 0x63, 0,
    1, 0, 0, 5, 0, 1, 0x0d, 0x0a, 0x2d, 0xb4, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];
