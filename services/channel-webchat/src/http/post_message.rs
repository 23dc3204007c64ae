use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, StatusCode};
use serde_json::json;
use weft_web::{ClientAddress, Json};

use super::{Api, visitor::visitor};
use crate::write::{Written, write};

/// `POST /webchat/{channel_id}/messages`: the visitor writes. The message is on disk when it answers.
pub(super) async fn handle(
    State(api): State<Arc<Api>>,
    Path(channel_id): Path<String>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    Json(written): Json<Written>,
) -> weft_web::Result<Response> {
    let visitor = visitor(&api, &channel_id, &headers, address).await?;
    let id = write(&api, &visitor, &written).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({"id": id}))).into_response())
}
