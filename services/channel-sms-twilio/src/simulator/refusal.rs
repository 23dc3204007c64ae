use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;
use weft_twilio::errors;

use super::FaultKind;

/// A call that is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    status: StatusCode,
    code: u32,
    retry_after: Option<u64>,
}

impl Refusal {
    pub(super) fn bad_request(code: u32) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code, retry_after: None }
    }

    pub(super) fn unauthorized() -> Self {
        Self { status: StatusCode::UNAUTHORIZED, ..Self::bad_request(20003) }
    }

    pub(super) fn not_found() -> Self {
        Self { status: StatusCode::NOT_FOUND, ..Self::bad_request(20404) }
    }
}

impl From<FaultKind> for Refusal {
    fn from(kind: FaultKind) -> Self {
        match kind {
            FaultKind::RateLimited(seconds) => Self {
                status: StatusCode::TOO_MANY_REQUESTS,
                retry_after: Some(seconds),
                ..Self::bad_request(20429)
            },
            FaultKind::ServerError => {
                Self { status: StatusCode::INTERNAL_SERVER_ERROR, ..Self::bad_request(20500) }
            }
            FaultKind::Code(code) => Self::bad_request(code),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let message = errors::meaning(self.code).map_or("refused", |(_, words)| words);
        let more_info = format!("https://www.twilio.com/docs/errors/{}", self.code);
        let body = json!({"code": self.code, "message": message, "more_info": more_info, "status": self.status.as_u16()});
        let mut response = (self.status, Json(body)).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
