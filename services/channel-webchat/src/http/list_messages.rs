use std::sync::Arc;

use axum::extract::{Path, Query, State, rejection::QueryRejection};
use http::HeaderMap;
use serde::Deserialize;
use weft_domain::Error;
use weft_web::{ClientAddress, Json};

use super::{Api, visitor::visitor};
use crate::history::Page;

const USUAL: u32 = 50;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    #[serde(default)]
    after_seq: u64,
    limit: Option<u32>,
}

/// `GET /webchat/{channel_id}/messages?after_seq=`: the visitor's own history, oldest first.
pub(super) async fn handle(
    State(api): State<Arc<Api>>,
    Path(channel_id): Path<String>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    asked: Result<Query<Asked>, QueryRejection>,
) -> weft_web::Result<Json<Page>> {
    let visitor = visitor(&api, &channel_id, &headers, address).await?;
    let Query(asked) = asked.map_err(|error| Error::invalid("invalid_query", error.body_text()))?;
    let limit = asked.limit.unwrap_or(USUAL);
    let page = api.history.list(&visitor, asked.after_seq, limit, api.clock.now()).await?;
    Ok(Json(page))
}
