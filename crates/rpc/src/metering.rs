use std::time::Instant;

use metrics::{Unit, counter, describe_counter, describe_histogram, histogram};
use tonic::Code;
use weft_proto::operation;

/// Says what each figure means.
pub(crate) fn describe() {
    describe_counter!(
        "weft_rpc_requests_total",
        Unit::Count,
        "gRPC calls answered here, by method and code; `cancelled` when the caller went away."
    );
    describe_histogram!(
        "weft_rpc_request_duration_seconds",
        Unit::Seconds,
        "How long gRPC calls took until their answer began, by method and code."
    );
    describe_counter!(
        "weft_rpc_refused_total",
        Unit::Count,
        "gRPC calls refused before they reached their method, by reason."
    );
    for reason in ["missing_token", "invalid_token", "permission_denied"] {
        counter!("weft_rpc_refused_total", "reason" => reason).increment(0);
    }
}

pub(crate) fn refused(reason: &str) {
    counter!("weft_rpc_refused_total", "reason" => reason.to_owned()).increment(1);
}

/// A call that is being answered; counted when it is dropped, however it ends.
pub(crate) struct Call {
    method: &'static str,
    code: &'static str,
    begun: Instant,
}

impl Call {
    /// Callers may invent paths, so only what there is gets a name.
    pub(crate) fn begin(path: &str) -> Self {
        let known = operation::find(path).map(|operation| operation.path.trim_start_matches('/'));
        Self { method: known.unwrap_or("other"), code: "cancelled", begun: Instant::now() }
    }

    /// A stream that breaks later has begun well.
    pub(crate) fn ended(&mut self, headers: &http::HeaderMap) {
        self.code = word(tonic::Status::from_header_map(headers).map_or(Code::Ok, |status| status.code()));
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        counter!("weft_rpc_requests_total", "method" => self.method, "code" => self.code).increment(1);
        histogram!("weft_rpc_request_duration_seconds", "method" => self.method, "code" => self.code)
            .record(self.begun.elapsed());
    }
}

fn word(code: Code) -> &'static str {
    match code {
        Code::Ok => "ok",
        Code::Cancelled => "cancelled",
        Code::Unknown => "unknown",
        Code::InvalidArgument => "invalid_argument",
        Code::DeadlineExceeded => "deadline_exceeded",
        Code::NotFound => "not_found",
        Code::AlreadyExists => "already_exists",
        Code::PermissionDenied => "permission_denied",
        Code::ResourceExhausted => "resource_exhausted",
        Code::FailedPrecondition => "failed_precondition",
        Code::Aborted => "aborted",
        Code::OutOfRange => "out_of_range",
        Code::Unimplemented => "unimplemented",
        Code::Internal => "internal",
        Code::Unavailable => "unavailable",
        Code::DataLoss => "data_loss",
        Code::Unauthenticated => "unauthenticated",
    }
}
