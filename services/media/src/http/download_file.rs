use axum::{
    body::Body,
    extract::{Path, Query, State, rejection::QueryRejection},
    response::{IntoResponse as _, Response},
};
use http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode,
    header::{
        ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE,
        CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    },
};
use weft_domain::Error;
use weft_web::Problem;

use super::{
    Api,
    range::{Wanted, wanted},
};
use crate::{app::open_link, content::disposition, link};

const CORP: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// `GET /files/{id}`: gives a file to whoever has a link.
pub(super) async fn handle(
    State(api): State<Api>,
    Path(id): Path<String>,
    query: Result<Query<link::Query>, QueryRejection>,
    headers: HeaderMap,
) -> weft_web::Result<Response> {
    let Query(query) = query.map_err(|_| link::invalid_link())?;
    let opened = open_link::run(&api.media, &id, &query).await?;
    let (size, etag) = (opened.size, opened.etag);
    if headers.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == etag.as_bytes()) {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    let (status, range) = match wanted(&headers, size, &etag) {
        Wanted::All => (StatusCode::OK, 0..size),
        Wanted::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        Wanted::Nothing => return Ok(not_in_the_file(size)),
    };
    let bytes = api.media.blobs.read(opened.tenant, opened.location, range.clone()).await?;
    let mut response = Response::new(Body::from_stream(bytes));
    *response.status_mut() = status;
    let put = response.headers_mut();
    put.insert(CONTENT_LENGTH, (range.end - range.start).into());
    put.insert(CONTENT_TYPE, text(opened.mime)?);
    put.insert(CONTENT_DISPOSITION, disposition::header(opened.disposition, &opened.name));
    put.insert(ETAG, text(etag)?);
    if status == StatusCode::PARTIAL_CONTENT {
        put.insert(CONTENT_RANGE, text(format!("bytes {}-{}/{size}", range.start, range.end - 1))?);
    }
    guard(put);
    Ok(response)
}

/// What keeps a browser from doing more with a file than showing it (FL-5). The link itself is the right to read it,
/// so that pages of other origins may embed it.
fn guard(headers: &mut HeaderMap) {
    for (name, value) in [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        (CORP, "cross-origin"),
        (CACHE_CONTROL, "private, max-age=300"),
        (REFERRER_POLICY, "no-referrer"),
        (ACCEPT_RANGES, "bytes"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

fn not_in_the_file(size: u64) -> Response {
    let error = Error::invalid("range_not_satisfiable", format!("the file has {size} bytes"));
    let mut response = Problem::from(error).with_status(StatusCode::RANGE_NOT_SATISFIABLE).into_response();
    if let Ok(value) = text(format!("bytes */{size}")) {
        response.headers_mut().insert(CONTENT_RANGE, value);
    }
    response
}

fn text(value: String) -> weft_domain::Result<HeaderValue> {
    HeaderValue::try_from(value).map_err(Error::internal)
}
