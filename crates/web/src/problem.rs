use std::{error::Error as _, fmt::Write as _};

use axum::response::{IntoResponse, Response};
use http::{
    HeaderValue, StatusCode,
    header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
};
use serde::Serialize;
use weft_domain::{Error, ErrorCode};

use crate::status;

pub(crate) const PROBLEM_JSON: &str = "application/problem+json";
const TYPE_BASE: &str = "https://weft.dev/errors/";
/// For "try again" without a time of its own.
const RETRY_SECONDS: u64 = 1;

/// What a handler gives back.
pub type Result<T, E = Problem> = std::result::Result<T, E>;

/// An error as an HTTP answer (RFC 9457, `application/problem+json`).
#[derive(Debug)]
pub struct Problem {
    error: Error,
    status: Option<StatusCode>,
    errors: Vec<FieldError>,
}

/// One of several faulty fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// The path of the field, as in `members[2].email`.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}

#[derive(Serialize)]
struct Body<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    code: &'a str,
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
}

impl Problem {
    /// Answers with another status than the code's own.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self
    }

    /// Names all faulty fields.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.errors = errors;
        self
    }

    /// The error it tells of.
    pub fn error(&self) -> &Error {
        &self.error
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self { error, status: None, errors: Vec::new() }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (own_status, code, title) = status::of(self.error.code());
        let status = self.status.unwrap_or(own_status);
        log(&self.error, code);
        let body = Body {
            r#type: format!("{TYPE_BASE}{}", self.error.reason()),
            title,
            status: status.as_u16(),
            detail: self.error.message(),
            code,
            reason: self.error.reason(),
            field: self.error.field(),
            errors: &self.errors,
            instance: weft_telemetry::trace_id(),
        };
        let json = serde_json::to_string(&body).unwrap_or_default();
        let mut response = (status, [(CONTENT_TYPE, PROBLEM_JSON)], json).into_response();
        let headers = response.headers_mut();
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if matches!(self.error.code(), ErrorCode::Throttled | ErrorCode::Unavailable) {
            headers.insert(RETRY_AFTER, HeaderValue::from(retry_seconds(&self.error)));
        }
        response
    }
}

/// Rounded up: a caller that comes a moment too early only adds to the load.
fn retry_seconds(error: &Error) -> u64 {
    let Some(after) = error.retry_after() else { return RETRY_SECONDS };
    (after.as_secs() + u64::from(after.subsec_nanos() > 0)).max(RETRY_SECONDS)
}

/// The one place where an error that is ours to look at is logged: here its source is still at hand.
fn log(error: &Error, code: &str) {
    let span = tracing::Span::current();
    span.record("error.type", error.reason());
    if !error.code().is_ours() {
        return;
    }
    weft_telemetry::span::fail(&span, error.reason());
    let cause = causes(error);
    if error.code() == ErrorCode::Internal {
        tracing::error!(error.code = code, error.reason = error.reason(), error = cause, "request failed");
    } else {
        tracing::warn!(error.code = code, error.reason = error.reason(), error = cause, "request failed");
    }
}

fn causes(error: &Error) -> String {
    let mut text = error.message().to_owned();
    let mut source = error.source();
    while let Some(cause) = source {
        // writing to a string does not fail
        write!(text, ": {cause}").unwrap_or_default();
        source = cause.source();
    }
    text
}
