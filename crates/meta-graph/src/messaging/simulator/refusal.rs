use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};

/// What a call gives.
pub(super) type Answer = Result<Value, Refusal>;

/// What the graph refuses with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    status: u16,
    code: i64,
    subcode: Option<i64>,
    message: String,
    retry_after: Option<u64>,
}

impl Refusal {
    pub(super) fn new(status: u16, code: i64, subcode: Option<i64>, message: impl Into<String>) -> Self {
        Self { status, code, subcode, message: message.into(), retry_after: None }
    }

    /// A parameter that is missing or wrong.
    pub(super) fn parameter(what: impl Into<String>) -> Self {
        Self::new(400, 100, None, what)
    }

    pub(super) fn unauthorized() -> Self {
        Self::new(401, 190, None, "Invalid OAuth access token - Cannot parse access token")
    }

    pub(super) fn no_such_object(id: &str) -> Self {
        let message = format!("Unsupported request. Object with ID '{id}' does not exist");
        Self::new(400, 100, Some(33), message)
    }

    #[must_use]
    pub(super) fn retry_after(mut self, seconds: Option<u64>) -> Self {
        self.retry_after = seconds;
        self
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut error = Map::from_iter([
            ("message".to_owned(), json!(format!("(#{}) {}", self.code, self.message))),
            ("type".to_owned(), json!("OAuthException")),
            ("code".to_owned(), json!(self.code)),
        ]);
        error.extend(self.subcode.map(|subcode| ("error_subcode".to_owned(), json!(subcode))));
        error.insert("fbtrace_id".to_owned(), json!("ASimulatedTrace"));
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
