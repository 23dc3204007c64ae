use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use http::header;
use serde_json::{Value, json};

use super::{Simulator, refusal::Refusal, state::State as World};

/// Gives a file of a message.
pub(super) async fn content(
    State(simulator): State<Simulator>,
    Path((_message, file)): Path<(String, String)>,
) -> Response {
    match simulator.world.lock().files.get(&file) {
        None => Refusal::not_found().into_response(),
        Some((mime, bytes)) => ([(header::CONTENT_TYPE, mime.clone())], bytes.clone()).into_response(),
    }
}

impl World {
    /// Keeps a file of a message; gives how the message names it.
    pub(super) fn file(&mut self, message: u64, kind: &str, mime: &str, bytes: Bytes) -> Value {
        let id = self.next_id().to_string();
        let uri =
            format!("{}/restapi/v1.0/account/~/extension/~/message-store/{message}/content/{id}", self.base);
        let size = bytes.len();
        self.files.insert(id.clone(), (mime.to_owned(), bytes));
        json!({"id": id, "type": kind, "contentType": mime, "uri": uri, "size": size})
    }
}
