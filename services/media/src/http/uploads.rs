//! Uploads that can be resumed, as tus 1.0.0 says: <https://tus.io/protocols/resumable-upload>.

use axum::{
    body::Body,
    extract::{Path, State},
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures::{StreamExt as _, TryStreamExt as _};
use http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION},
};
use weft_domain::{Error, Result, id, id::FileId};
use weft_web::Problem;

use super::{Api, caller};
use crate::{
    app::upload::{self, number},
    store::upload::Model,
};

const VERSION: HeaderValue = HeaderValue::from_static("1.0.0");
const EXTENSIONS: HeaderValue = HeaderValue::from_static("creation,termination,expiration");
const PIECE: &str = "application/offset+octet-stream";
const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const LENGTH: HeaderName = HeaderName::from_static("upload-length");
const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
const METADATA: HeaderName = HeaderName::from_static("upload-metadata");

/// `OPTIONS /v1/uploads`: what is understood here.
pub(super) async fn tell(State(api): State<Api>) -> Response {
    let headers = [
        (RESUMABLE, VERSION),
        (HeaderName::from_static("tus-version"), VERSION),
        (HeaderName::from_static("tus-extension"), EXTENSIONS),
        (HeaderName::from_static("tus-max-size"), api.media.max_file_bytes.into()),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// `POST /v1/uploads`: begins an upload. Its address ends in the id of the file that it becomes.
pub(super) async fn begin(State(api): State<Api>, headers: HeaderMap) -> weft_web::Result<Response> {
    let principal = caller::verify(&api.exchange, &headers, "file.write").await?;
    if let Some(refusal) = other_version(&headers) {
        return Ok(refusal);
    }
    let length = count(&headers, &LENGTH)?;
    let metadata = headers.get(METADATA).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (name, mime) = (said(metadata, "filename")?, said(metadata, "filetype")?);
    let row = upload::begin(&api.media, &principal, length, (&name, mime)).await?;
    let address = format!("/v1/uploads/{}", id::from_uuid::<id::File>(row.id));
    let location = HeaderValue::try_from(address).map_err(Error::internal)?;
    Ok((StatusCode::CREATED, state(&row)?, [(LOCATION, location)]).into_response())
}

/// `HEAD /v1/uploads/{id}`: how far it is.
pub(super) async fn ask(
    State(api): State<Api>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> weft_web::Result<Response> {
    let principal = caller::verify(&api.exchange, &headers, "file.write").await?;
    if let Some(refusal) = other_version(&headers) {
        return Ok(refusal);
    }
    let row = upload::get(&api.media, &principal, known(&id)?).await?;
    let more = [(LENGTH, number(row.length).into()), (CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    Ok((StatusCode::OK, state(&row)?, more).into_response())
}

/// `PATCH /v1/uploads/{id}`: brings what follows.
pub(super) async fn append(
    State(api): State<Api>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> weft_web::Result<Response> {
    let principal = caller::verify(&api.exchange, &headers, "file.write").await?;
    if let Some(refusal) = other_version(&headers) {
        return Ok(refusal);
    }
    if headers.get(CONTENT_TYPE).is_none_or(|given| given != PIECE) {
        let error = Error::invalid("not_a_piece", format!("send pieces as `{PIECE}`"));
        return Ok(Problem::from(error).with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE).into_response());
    }
    let from = (known(&id)?, count(&headers, &OFFSET)?);
    let unread = |error: axum::Error| {
        Error::invalid("upload_unreadable", "the piece did not arrive whole; go on where it broke off")
            .with_source(error)
    };
    let bytes = body.into_data_stream().map_err(unread).boxed();
    let row = upload::append(&api.media, &principal, from, bytes).await?;
    Ok((StatusCode::NO_CONTENT, state(&row)?).into_response())
}

/// `DELETE /v1/uploads/{id}`: ends it.
pub(super) async fn end(
    State(api): State<Api>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> weft_web::Result<Response> {
    let principal = caller::verify(&api.exchange, &headers, "file.write").await?;
    if let Some(refusal) = other_version(&headers) {
        return Ok(refusal);
    }
    upload::end(&api.media, &principal, known(&id)?).await?;
    Ok((StatusCode::NO_CONTENT, [(RESUMABLE, VERSION)]).into_response())
}

fn other_version(headers: &HeaderMap) -> Option<Response> {
    if headers.get(RESUMABLE).is_some_and(|version| version == VERSION) {
        return None;
    }
    let error = Error::invalid("tus_version_unsupported", "say `Tus-Resumable: 1.0.0`");
    let mut refusal = Problem::from(error).with_status(StatusCode::PRECONDITION_FAILED).into_response();
    refusal.headers_mut().insert("tus-version", VERSION);
    Some(refusal)
}

fn state(row: &Model) -> Result<[(HeaderName, HeaderValue); 3]> {
    let until = row.expires_at.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let until = HeaderValue::try_from(until).map_err(Error::internal)?;
    Ok([(RESUMABLE, VERSION), (OFFSET, number(row.received).into()), (EXPIRES, until)])
}

fn known(id: &str) -> Result<FileId> {
    id::parse::<id::File>("id", id).map_err(|_| Error::not_found("upload"))
}

fn count(headers: &HeaderMap, name: &HeaderName) -> Result<u64> {
    let given = headers.get(name).and_then(|value| value.to_str().ok()?.parse().ok());
    given.ok_or_else(|| Error::invalid_field(name.as_str(), "must be a number of bytes"))
}

/// `<key> <base64>,<key> <base64>`
fn said(metadata: &str, wanted: &str) -> Result<String> {
    let pairs = metadata.split(',').filter_map(|pair| pair.trim().split_once(' '));
    let Some((_, coded)) = pairs.into_iter().find(|(key, _)| *key == wanted) else {
        return Ok(String::new());
    };
    let read = STANDARD.decode(coded).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    read.ok_or_else(|| Error::invalid_field("upload-metadata", format!("`{wanted}` must be text in base64")))
}
