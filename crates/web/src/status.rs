use http::StatusCode;
use weft_domain::ErrorCode;

/// How a code looks over HTTP: status, word and title.
pub(crate) fn of(code: ErrorCode) -> (StatusCode, &'static str, &'static str) {
    match code {
        ErrorCode::Invalid => (StatusCode::BAD_REQUEST, "invalid", "The request is wrong"),
        ErrorCode::Unauthenticated => (StatusCode::UNAUTHORIZED, "unauthenticated", "Sign in first"),
        ErrorCode::Forbidden => (StatusCode::FORBIDDEN, "forbidden", "Not allowed"),
        ErrorCode::NotFound => (StatusCode::NOT_FOUND, "not_found", "Not found"),
        ErrorCode::Conflict => (StatusCode::CONFLICT, "conflict", "Conflict"),
        ErrorCode::Precondition => {
            (StatusCode::UNPROCESSABLE_ENTITY, "precondition", "Not possible in this state")
        }
        ErrorCode::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too_large", "Too large"),
        ErrorCode::Throttled => (StatusCode::TOO_MANY_REQUESTS, "throttled", "Too many requests"),
        ErrorCode::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Not available"),
        ErrorCode::Timeout => (StatusCode::GATEWAY_TIMEOUT, "timeout", "It took too long"),
        ErrorCode::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something went wrong"),
    }
}

/// The code that fits a status which somebody else chose.
pub(crate) fn code_of(status: StatusCode) -> ErrorCode {
    let known = ErrorCode::ALL.into_iter().find(|code| of(*code).0 == status);
    known.unwrap_or(if status.is_server_error() { ErrorCode::Internal } else { ErrorCode::Invalid })
}
