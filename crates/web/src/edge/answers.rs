use std::any::Any;

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http::{
    StatusCode,
    header::{ALLOW, CONTENT_TYPE},
};
use weft_domain::{Error, ErrorCode};

use crate::{Problem, status};

/// axum's own refusals are one sentence.
const LONGEST_DETAIL: usize = 1024;

/// The answer when no route fits.
pub(super) async fn no_route() -> Problem {
    Error::new(ErrorCode::NotFound, "no_such_route", "there is nothing at this address").into()
}

/// The answer when the route has no such method.
pub(super) async fn no_method() -> Problem {
    let error = Error::invalid("method_not_allowed", "this address does not take this method");
    Problem::from(error).with_status(StatusCode::METHOD_NOT_ALLOWED)
}

/// The answer when a handler panicked; the panic's text goes to the log.
pub(super) fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast_ref::<&str>().copied();
    let words = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message");
    Problem::from(Error::internal(format!("panic: {words}"))).into_response()
}

/// Turns the plain refusals of axum's extractors into problems.
pub(super) async fn as_problem(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) || !is_plain(&response) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let detail = match status.is_client_error() {
        true => detail_of(body).await,
        false => String::new(),
    };
    let mut problem = Problem::from(error_of(status, detail)).with_status(status).into_response();
    if let Some(allow) = parts.headers.get(ALLOW) {
        problem.headers_mut().insert(ALLOW, allow.clone());
    }
    problem
}

fn is_plain(response: &Response) -> bool {
    let kind = response.headers().get(CONTENT_TYPE).map(|value| value.as_bytes());
    kind.is_none_or(|text| text.starts_with(b"text/plain"))
}

async fn detail_of(body: Body) -> String {
    let bytes = to_bytes(body, LONGEST_DETAIL).await.unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn error_of(status: StatusCode, told: String) -> Error {
    let code = status::code_of(status);
    let (_status, reason, title) = status::of(code);
    let detail = if told.is_empty() { title.to_owned() } else { told };
    match code {
        ErrorCode::Invalid => Error::invalid("invalid_request", detail),
        ErrorCode::TooLarge => Error::new(code, "body_too_large", "the body is larger than allowed"),
        other => Error::new(other, reason, detail),
    }
}
