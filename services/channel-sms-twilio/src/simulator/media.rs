use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use http::header;

use super::{Simulator, refusal::Refusal};

/// Twilio sends on to where a file lies.
pub(super) async fn send_on(
    State(simulator): State<Simulator>,
    Path((_, _, media)): Path<(String, String, String)>,
) -> Response {
    let state = simulator.world.lock();
    if !state.media.contains_key(&media) {
        return Refusal::not_found().into_response();
    }
    Redirect::temporary(&format!("{}/storage/{media}", state.base)).into_response()
}

pub(super) async fn give(State(simulator): State<Simulator>, Path(media): Path<String>) -> Response {
    match simulator.world.lock().media.get(&media).cloned() {
        Some((mime, bytes)) => ([(header::CONTENT_TYPE, mime)], bytes).into_response(),
        None => Refusal::not_found().into_response(),
    }
}
