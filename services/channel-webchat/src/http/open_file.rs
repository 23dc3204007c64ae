use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Response},
};
use http::{
    HeaderMap, StatusCode,
    header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY},
};
use weft_web::ClientAddress;

use super::{Api, visitor::chat};
use crate::file_link;

/// `GET /webchat/{channel_id}/files/{link}`: leads to a file of the visitor's thread. The link itself is the proof, so that
/// images and downloads work, which send no token.
pub(super) async fn handle(
    State(api): State<Arc<Api>>,
    Path((channel_id, link)): Path<(String, String)>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
) -> weft_web::Result<Response> {
    let chat = chat(&api, &channel_id, &headers, address).await?;
    let link = file_link::read(&chat.key, chat.account.channel_id, &link, api.clock.now())?;
    let subject = format!("visitor:{}", link.visitor);
    let address = api.host.file_link(&channel_id, &link.file.to_string(), &subject).await?;
    let headers = [
        (LOCATION, address.as_str()),
        // what it leads to works for five minutes
        (CACHE_CONTROL, "private, max-age=240"),
        (REFERRER_POLICY, "no-referrer"),
    ];
    Ok((StatusCode::FOUND, headers).into_response())
}
