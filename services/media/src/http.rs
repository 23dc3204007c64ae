use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, head, post},
};
use weft_rpc::Exchange;

use crate::app::Media;

mod caller;
mod download_file;
mod range;
mod upload_file;
mod uploads;

/// What the frame of a form with one file takes besides the file.
const FORM_BYTES: usize = 64 * 1024;

#[derive(Clone)]
struct Api {
    media: Arc<Media>,
    exchange: Exchange,
}

/// Uploads and downloads.
pub(crate) fn routes(media: Arc<Media>, exchange: Exchange) -> Router {
    let body = usize::try_from(media.max_file_bytes).unwrap_or(usize::MAX).saturating_add(FORM_BYTES);
    Router::new()
        .route("/v1/files", post(upload_file::handle).layer(DefaultBodyLimit::max(body)))
        .route("/v1/uploads", post(uploads::begin).options(uploads::tell))
        .route(
            "/v1/uploads/{id}",
            head(uploads::ask).patch(uploads::append).delete(uploads::end).layer(DefaultBodyLimit::max(body)),
        )
        .route("/files/{id}", get(download_file::handle))
        .with_state(Api { media, exchange })
}
