use axum::extract::FromRequest as _;
use axum::{
    extract::{
        Multipart, Request, State,
        multipart::{Field, MultipartError},
    },
    response::{IntoResponse as _, Response},
};
use futures::TryStreamExt as _;
use http::{HeaderMap, HeaderValue, StatusCode, header::CONTENT_LENGTH};
use weft_auth::Principal;
use weft_domain::{Error, Result};
use weft_rpc::{IDEMPOTENCY_KEY, REPLAYED};
use weft_web::Json;

use super::{Api, FORM_BYTES, caller};
use crate::app::{
    file::show,
    receive::too_large,
    store_file::{self, Announced, Stored},
};

const FIELD: &str = "file";
const MAX_KEY_CHARS: usize = 255;

/// `POST /v1/files`: takes one file in the form field `file`.
pub(super) async fn handle(State(api): State<Api>, request: Request) -> weft_web::Result<Response> {
    let principal = caller::verify(&api.exchange, request.headers(), "file.write").await?;
    refuse_too_large(request.headers(), api.media.max_file_bytes)?;
    let key = idempotency_key(request.headers(), &principal)?;
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| {
        Error::invalid("not_a_form", "send the file as `multipart/form-data` in the field `file`")
    })?;
    let max_bytes = api.media.max_file_bytes;
    let field = the_file(form.next_field().await.map_err(|error| unread(error, max_bytes))?)?;
    let announced = Announced {
        id: None,
        tenant: principal.tenant,
        name: field.file_name().unwrap_or_default().to_owned(),
        declared_mime: field.content_type().unwrap_or_default().to_owned(),
        key,
        created_by: principal.subject.to_string(),
        accept: Vec::new(),
    };
    let bytes = field.map_err(|error| unread(error, max_bytes));
    let stored = store_file::run(&api.media, announced, bytes).await?;
    answer(&stored)
}

fn answer(stored: &Stored) -> weft_web::Result<Response> {
    if stored.file.file.sha256 != stored.sha256 {
        let words = "this `Idempotency-Key` was used for another file; use a new key for a new file";
        return Err(Error::precondition("idempotency_key_reused", words).into());
    }
    let body = weft_proto::json::message_to_value(&show(&stored.file))?;
    let mut response = (StatusCode::CREATED, Json(body)).into_response();
    if stored.replayed {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

fn the_file(field: Option<Field<'_>>) -> Result<Field<'_>> {
    field
        .filter(|field| field.name() == Some(FIELD))
        .ok_or_else(|| Error::invalid_field(FIELD, "the form has one field, `file`"))
}

/// Spares the transfer of what will be refused.
fn refuse_too_large(headers: &HeaderMap, max_bytes: u64) -> Result<()> {
    let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let most = max_bytes.saturating_add(u64::try_from(FORM_BYTES).unwrap_or(u64::MAX));
    if length.is_some_and(|bytes| bytes > most) { Err(too_large(max_bytes)) } else { Ok(()) }
}

/// The key is the caller's own: two callers with the same key store two files.
fn idempotency_key(headers: &HeaderMap, principal: &Principal) -> Result<Option<String>> {
    let Some(value) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    let key = value.to_str().ok().filter(|key| !key.is_empty() && key.len() <= MAX_KEY_CHARS);
    let key = key.ok_or_else(|| {
        let words = format!("`Idempotency-Key` must be 1 to {MAX_KEY_CHARS} ASCII characters");
        Error::invalid("invalid_idempotency_key", words)
    })?;
    Ok(Some(format!("upload:{}:{key}", principal.subject)))
}

fn unread(error: MultipartError, max_bytes: u64) -> Error {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return too_large(max_bytes);
    }
    Error::invalid("upload_unreadable", "the form did not arrive whole, or is not as it should be")
        .with_source(error)
}
