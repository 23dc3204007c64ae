use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, StatusCode};
use weft_web::{ClientAddress, Json};

use super::{
    Api,
    visitor::{bearer, chat},
};
use crate::admit::{Asked, Opened, admit};

/// `POST /webchat/{channel_id}/sessions`: opens a session, or renews the one whose token is shown.
pub(super) async fn handle(
    State(api): State<Arc<Api>>,
    Path(channel_id): Path<String>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    Json(asked): Json<Asked>,
) -> weft_web::Result<Response> {
    let chat = chat(&api, &channel_id, &headers, address).await?;
    api.gate.session(address).await?;
    let known = bearer(&headers).map(|token| chat.visitor(token, &api)).transpose()?;
    let visitor = admit(&api, &chat, known.map(|visitor| visitor.session), asked).await?;
    Ok((StatusCode::CREATED, Json(Opened::of(&visitor)?)).into_response())
}
