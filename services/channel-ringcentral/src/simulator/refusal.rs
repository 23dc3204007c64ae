use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

use super::FaultKind;

/// A call that is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    status: StatusCode,
    code: String,
    field: &'static str,
    retry_after: Option<u64>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &str) -> Self {
        Self { status, code: code.to_owned(), field: "", retry_after: None }
    }

    pub(super) fn bad_request(code: &str, field: &'static str) -> Self {
        Self { field, ..Self::new(StatusCode::BAD_REQUEST, code) }
    }

    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "CMN-102")
    }

    pub(super) fn too_many(seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..Self::new(StatusCode::TOO_MANY_REQUESTS, "CMN-301") }
    }
}

impl From<FaultKind> for Refusal {
    fn from(kind: FaultKind) -> Self {
        match kind {
            FaultKind::RateLimited(seconds) => Self::too_many(seconds),
            FaultKind::Unavailable => Self::new(StatusCode::SERVICE_UNAVAILABLE, "CMN-201"),
            FaultKind::Code(status, code) => {
                Self::new(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST), &code)
            }
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let message = "simulated refusal";
        let one = json!({"errorCode": self.code, "message": message, "parameterName": self.field});
        let body = json!({"errorCode": self.code, "message": message, "errors": [one]});
        let mut response = (self.status, Json(body)).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
