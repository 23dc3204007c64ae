use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;
use weft_domain::Result;
use weft_web::{ClientAddress, Json};

use super::{
    Api,
    visitor::{Visitor, visitor},
};
use crate::inbound;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    text: String,
    client_id: String,
}

/// `POST /webchat/{channel_id}/messages`: the visitor writes. The message is on disk when it answers.
pub(super) async fn handle(
    State(api): State<Arc<Api>>,
    Path(channel_id): Path<String>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    Json(written): Json<Written>,
) -> weft_web::Result<Response> {
    let visitor = visitor(&api, &channel_id, &headers, address).await?;
    let id = write(&api, &visitor, &written.client_id, &written.text).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({"id": id}))).into_response())
}

/// Hands a visitor's message on; the same `client_id` is the same message.
pub(crate) async fn write(api: &Api, visitor: &Visitor, client_id: &str, text: &str) -> Result<Uuid> {
    let (id, text) = (inbound::client_id(client_id)?, inbound::text(text)?);
    api.gate.message(&visitor.room).await?;
    let event = inbound::message(&visitor.room, &visitor.session, id, text, api.clock.now());
    api.host.accept(&visitor.room.channel.to_string(), vec![event]).await?;
    Ok(id)
}
