use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

/// What a call gives.
pub(super) type Answer = Result<Value, Refusal>;

/// What the Graph API refuses with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    status: u16,
    code: i64,
    message: String,
    retry_after: Option<u64>,
}

impl Refusal {
    pub(super) fn new(status: u16, code: i64, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), retry_after: None }
    }

    /// A parameter that is missing or wrong.
    pub(super) fn parameter(what: impl Into<String>) -> Self {
        Self::new(400, 100, what)
    }

    pub(super) fn unauthorized() -> Self {
        Self::new(401, 190, "Invalid OAuth access token - Cannot parse access token")
    }

    pub(super) fn no_such_object(id: &str) -> Self {
        let message = format!("Unsupported request. Object with ID '{id}' does not exist");
        Self::new(400, 100, message)
    }

    pub(super) fn too_large() -> Self {
        Self::new(400, 131_053, "Media upload error: the file is too large")
    }

    #[must_use]
    pub(super) fn retry_after(mut self, seconds: Option<u64>) -> Self {
        self.retry_after = seconds;
        self
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let error = json!({
            "message": format!("(#{}) {}", self.code, self.message),
            "type": "OAuthException",
            "code": self.code,
            "error_data": {"messaging_product": "whatsapp", "details": self.message},
            "fbtrace_id": "ASimulatedTrace",
        });
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        let mut response = (status, Json(json!({"error": error}))).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// An answer as it goes out.
pub(super) fn respond(answer: Answer) -> Response {
    match answer {
        Ok(body) => Json(body).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}
