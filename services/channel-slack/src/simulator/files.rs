use axum::{
    Router,
    body::Bytes,
    extract::{Multipart, Path, State as Shared},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use super::{
    Sent, Simulator, TOKEN,
    api::{Answer, Refusal},
    check::text,
    state::StoredFile,
};

/// Where files are put and kept.
pub(super) fn router() -> Router<Simulator> {
    Router::new()
        .route("/upload/v1/{id}", post(put_up))
        .route("/files-pri/{id}/download/{name}", get(download))
}

impl Simulator {
    pub(super) fn upload_place(&self, body: &Value) -> Answer {
        let name = text(body, "filename").to_owned();
        let length =
            text(body, "length").parse::<usize>().ok().filter(|length| *length > 0 && !name.is_empty());
        let Some(length) = length else { return Err(Refusal::Code("invalid_arguments")) };
        let mut state = self.world.lock();
        let id = format!("F0SIM{:05}", state.next());
        let file = StoredFile { name, mime: "application/octet-stream", length, content: None };
        state.files.insert(id.clone(), file);
        Ok(json!({"upload_url": format!("{}/upload/v1/{id}", state.base), "file_id": id}))
    }

    pub(super) fn complete_upload(&self, body: &Value) -> Answer {
        let channel = text(body, "channel_id").to_owned();
        let files = body.get("files").and_then(Value::as_array).cloned().unwrap_or_default();
        self.world.change(|state| {
            if !state.knows(&channel) {
                return Err(Refusal::Code("channel_not_found"));
            }
            let is_there =
                |file: &Value| state.files.get(text(file, "id")).is_some_and(|file| file.content.is_some());
            if files.is_empty() || !files.iter().all(is_there) {
                return Err(Refusal::Code("file_not_found"));
            }
            state.sent.push(Sent::new(channel, String::new(), body.clone()));
            let ids: Vec<Value> = files.iter().map(|file| json!({"id": text(file, "id")})).collect();
            Ok(json!({"files": ids}))
        })
    }

    pub(super) fn file_info(&self, body: &Value) -> Answer {
        let state = self.world.lock();
        let id = text(body, "file");
        let file = state.files.get(id).ok_or(Refusal::Code("file_not_found"))?;
        Ok(json!({"file": described(&state.base, id, file)}))
    }

    /// What was put up under this id.
    pub fn file(&self, id: &str) -> Option<Bytes> {
        self.world.lock().files.get(id)?.content.clone()
    }
}

/// A file as messages show it.
pub(super) fn described(base: &str, id: &str, file: &StoredFile) -> Value {
    let place = format!("{base}/files-pri/{id}/download/{}", file.name);
    json!({
        "id": id, "name": file.name, "title": file.name, "mimetype": file.mime, "size": file.length,
        "mode": "hosted", "url_private": place, "url_private_download": place,
    })
}

async fn put_up(
    Shared(simulator): Shared<Simulator>,
    Path(id): Path<String>,
    mut form: Multipart,
) -> Response {
    let refused = |why: &'static str| (StatusCode::BAD_REQUEST, why).into_response();
    let part = form.next_field().await.ok().flatten();
    let Some(part) = part else { return refused("no file") };
    let Ok(bytes) = part.bytes().await else { return refused("broken off") };
    let mut state = simulator.world.lock();
    match state.files.get_mut(&id) {
        Some(file) if file.length == bytes.len() => {
            file.content = Some(bytes.clone());
            format!("OK - {}", bytes.len()).into_response()
        }
        Some(_) => refused("another length than was said"),
        None => (StatusCode::NOT_FOUND, "no such place").into_response(),
    }
}

/// Whoever has no token sees a page to sign in, with 200.
async fn download(
    Shared(simulator): Shared<Simulator>,
    Path((id, _name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let expected = format!("Bearer {TOKEN}");
    if headers.get(header::AUTHORIZATION).is_none_or(|given| given.as_bytes() != expected.as_bytes()) {
        return ([(header::CONTENT_TYPE, "text/html")], "<html><body>Sign in</body></html>").into_response();
    }
    let file = simulator.world.lock().files.get(&id).cloned();
    match file.and_then(|file| Some((file.mime, file.content?))) {
        Some((mime, content)) => ([(header::CONTENT_TYPE, mime)], content).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
