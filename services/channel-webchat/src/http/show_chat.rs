use std::sync::Arc;

use axum::extract::{Path, State};
use http::HeaderMap;
use serde_json::{Value, json};
use weft_web::{ClientAddress, Json};

use super::{Api, visitor::chat};
use crate::write::MAX_FILES;

/// `GET /webchat/{channel_id}`: what a page has to know before it shows the chat.
pub(super) async fn handle(
    State(api): State<Arc<Api>>,
    Path(channel_id): Path<String>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
) -> weft_web::Result<Json<Value>> {
    let chat = chat(&api, &channel_id, &headers, address).await?;
    let settings = &chat.account.settings;
    Ok(Json(json!({
        "name": chat.account.name,
        "pre_chat": settings.pre_chat,
        "require_identity": settings.require_identity,
        "presence": api.desk.presence(&chat.account, api.clock.now()).await,
        "closed_text": settings.closed_text,
        "files": {
            "accepted": settings.accepted_files,
            "max_bytes": api.config.max_file_bytes,
            "max_count": MAX_FILES,
        },
    })))
}
