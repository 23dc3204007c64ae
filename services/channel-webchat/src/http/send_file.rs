use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Path, Query, State, rejection::QueryRejection},
    response::{IntoResponse as _, Response},
};
use futures::{StreamExt as _, TryStreamExt as _};
use http::{
    HeaderMap, HeaderName, StatusCode,
    header::{CONTENT_LENGTH, CONTENT_TYPE},
};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;
use weft_channel::{Keep, TransportError};
use weft_domain::{Error, ErrorCode, Result};
use weft_web::{ClientAddress, Json};

use super::{Api, visitor::visitor};
use crate::{accepted, upload::Upload, write::may_send_files};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    #[serde(default)]
    name: String,
    /// The page's own id of the file: the same one is stored once.
    client_id: Uuid,
}

/// `POST /webchat/{channel_id}/files?name=&client_id=`: takes a file, the body, to be put into a message.
pub(super) async fn handle(
    State(api): State<Arc<Api>>,
    Path(channel_id): Path<String>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    asked: Result<Query<Asked>, QueryRejection>,
    body: Body,
) -> weft_web::Result<Response> {
    let visitor = visitor(&api, &channel_id, &headers, address).await?;
    let Query(asked) = asked.map_err(|error| Error::invalid("invalid_query", error.body_text()))?;
    let accepted = &visitor.chat.account.settings.accepted_files;
    let declared = text(&headers, CONTENT_TYPE).unwrap_or_default();
    accepted::check(accepted, declared)?;
    let most = api.config.max_file_bytes;
    let size = size(&headers, most)?;
    may_send_files(&visitor.chat.account.settings, &visitor.session)?;
    api.gate.file(&visitor.room).await?;
    api.gate.bytes(&visitor.room, address, size).await?;

    let upload = Upload::new(&visitor.room, asked.client_id, &asked.name, declared, api.clock.now());
    let unread = |error: axum::Error| TransportError::Interrupted { why: error.to_string() };
    let bytes = body.into_data_stream().map_err(unread).boxed();
    let channel = visitor.room.channel.to_string();
    let stored =
        api.host.keep_file(&channel, &upload.media(), bytes, Keep { most, accept: accepted }).await?;
    // it may have been kept when other types were taken
    accepted::check(accepted, &stored.mime)?;
    let upload = upload.stored(&stored.name, stored.mime, stored.size);
    let answer = json!({
        "upload": upload.token(&visitor.chat.key)?,
        "name": upload.name,
        "mime": upload.mime,
        "size": upload.size,
    });
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

/// How large it is, or may be; spares the transfer of what will be refused.
fn size(headers: &HeaderMap, most: u64) -> Result<u64> {
    let length = text(headers, CONTENT_LENGTH).and_then(|value| value.parse::<u64>().ok());
    let size = length.unwrap_or(most);
    if size <= most {
        return Ok(size);
    }
    let words = format!("the file is larger than {most} bytes");
    Err(Error::new(ErrorCode::TooLarge, "file_too_large", words).with_field("file"))
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
