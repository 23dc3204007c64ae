use axum::{
    body::Bytes,
    extract::{FromRequest, Request, rejection::BytesRejection},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header::CONTENT_TYPE};
use serde::{Serialize, de::DeserializeOwned};
use weft_domain::{Error, ErrorCode};

use crate::Problem;

/// A JSON body, in or out. What does not fit is answered with a problem that names the field.
#[derive(Clone, Copy, Debug, Default)]
pub struct Json<T>(pub T);

impl<T, S> FromRequest<S> for Json<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            let error = Error::invalid("unsupported_content_type", "send the body as `application/json`");
            return Err(Problem::from(error).with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(unread)?;
        let mut json = serde_json::Deserializer::from_slice(&bytes);
        let read = serde_path_to_error::deserialize(&mut json).map_err(misfit)?;
        json.end().map_err(|error| Error::invalid("invalid_json", error.to_string()))?;
        Ok(Self(read))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(bytes) => ([(CONTENT_TYPE, "application/json")], bytes).into_response(),
            Err(error) => Problem::from(Error::internal(error)).into_response(),
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(text) = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()) else { return false };
    let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn unread(rejection: BytesRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Error::new(ErrorCode::TooLarge, "body_too_large", "the body is larger than allowed").into();
    }
    Error::invalid("body_unreadable", "the body did not arrive whole, or too slowly").into()
}

fn misfit(error: serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let path = error.path().to_string();
    let cause = error.into_inner();
    if !cause.is_data() {
        return Error::invalid("invalid_json", cause.to_string()).into();
    }
    let text = cause.to_string();
    // a missing field has no path of its own: serde names it in its words
    let missing = text.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
    let field = match (path.as_str(), missing) {
        (".", Some(name)) => name.to_owned(),
        (parent, Some(name)) => format!("{parent}.{name}"),
        (whole, None) => whole.to_owned(),
    };
    Error::invalid_field(&field, text).into()
}
