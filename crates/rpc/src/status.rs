use std::{collections::HashMap, time::Duration};

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};
use weft_domain::{Error, ErrorCode};

const DOMAIN: &str = "weft.dev";

/// An error for the wire. What is ours to look at is logged here, and its source stays here.
pub fn status(error: Error) -> Status {
    if error.code().is_ours() {
        tracing::error!(reason = error.reason(), source = ?std::error::Error::source(&error), "call failed");
    }
    let mut details = ErrorDetails::with_error_info(error.reason(), DOMAIN, HashMap::new());
    if let Some(field) = error.field() {
        details.add_bad_request_violation(field, error.message());
    }
    if let Some(after) = error.retry_after() {
        details.set_retry_info(Some(after));
    }
    Status::with_error_details(grpc_code(error.code()), error.message(), details)
}

/// The error that came over the wire.
pub fn error(status: &Status) -> Error {
    let details = status.get_error_details();
    let code = if is_broken(status) { ErrorCode::Unavailable } else { domain_code(status.code()) };
    let reason =
        details.error_info().map_or_else(|| default_reason(code).to_owned(), |info| info.reason.clone());
    let message = if details.error_info().is_some() {
        status.message().to_owned()
    } else {
        default_message(code).to_owned()
    };
    let mut error = Error::new(code, reason, message);
    if details.error_info().is_none() {
        error = error.with_source(format!("{:?}: {}", status.code(), status.message()));
    }
    if let Some(violation) = details.bad_request().and_then(|bad| bad.field_violations.first()) {
        error = error.with_field(&violation.field);
    }
    match details.retry_info().and_then(|info| info.retry_delay) {
        Some(after) => error.with_retry_after(after),
        None if code == ErrorCode::Unavailable => error.with_retry_after(Duration::from_secs(1)),
        None => error,
    }
}

/// Nobody answered: the connection ended under the call. What came over the wire has no source.
fn is_broken(status: &Status) -> bool {
    status.code() == Code::Unknown && std::error::Error::source(status).is_some()
}

fn grpc_code(code: ErrorCode) -> Code {
    match code {
        ErrorCode::Invalid => Code::InvalidArgument,
        ErrorCode::Unauthenticated => Code::Unauthenticated,
        ErrorCode::Forbidden => Code::PermissionDenied,
        ErrorCode::NotFound => Code::NotFound,
        ErrorCode::Conflict => Code::AlreadyExists,
        ErrorCode::Precondition => Code::FailedPrecondition,
        ErrorCode::TooLarge => Code::OutOfRange,
        ErrorCode::Throttled => Code::ResourceExhausted,
        ErrorCode::Unavailable => Code::Unavailable,
        ErrorCode::Timeout => Code::DeadlineExceeded,
        ErrorCode::Internal => Code::Internal,
    }
}

fn domain_code(code: Code) -> ErrorCode {
    match code {
        Code::InvalidArgument => ErrorCode::Invalid,
        Code::Unauthenticated => ErrorCode::Unauthenticated,
        Code::PermissionDenied => ErrorCode::Forbidden,
        Code::NotFound | Code::Unimplemented => ErrorCode::NotFound,
        Code::AlreadyExists | Code::Aborted => ErrorCode::Conflict,
        Code::FailedPrecondition => ErrorCode::Precondition,
        Code::OutOfRange => ErrorCode::TooLarge,
        Code::ResourceExhausted => ErrorCode::Throttled,
        Code::Unavailable => ErrorCode::Unavailable,
        Code::DeadlineExceeded | Code::Cancelled => ErrorCode::Timeout,
        Code::Ok | Code::Unknown | Code::Internal | Code::DataLoss => ErrorCode::Internal,
    }
}

fn default_reason(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::Unavailable => "service_unavailable",
        ErrorCode::Timeout => "deadline_exceeded",
        ErrorCode::NotFound => "not_found",
        ErrorCode::Invalid => "invalid_request",
        _ => "internal",
    }
}

fn default_message(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::Unavailable => "a part of the system is not available; try again",
        ErrorCode::Timeout => "it took too long; it may have happened, so look before trying again",
        ErrorCode::NotFound => "no such thing",
        ErrorCode::Invalid => "the request could not be read",
        _ => "something went wrong on our side",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_survives_the_wire_but_its_source_does_not() {
        for code in ErrorCode::ALL {
            let sent = Error::new(code, "some_reason", "do this")
                .with_field("a.b")
                .with_retry_after(Duration::from_secs(7))
                .with_source("canary");
            let wire = status(sent);
            assert!(!format!("{wire:?}").contains("canary"));
            let seen = error(&wire);
            assert_eq!((seen.code(), seen.reason(), seen.message()), (code, "some_reason", "do this"));
            assert_eq!((seen.field(), seen.retry_after()), (Some("a.b"), Some(Duration::from_secs(7))));
        }
        let foreign = error(&Status::unknown("thread panicked at secret.rs"));
        assert_eq!(
            (foreign.code(), foreign.message()),
            (ErrorCode::Internal, "something went wrong on our side")
        );
    }
}
