use std::time::Instant;

use http::{Method, StatusCode};
use tracing::{Span, field::Empty};
use url::Url;

use crate::{Error, Request, metering};

/// Counts, times and traces one call. The URL shows nowhere: tokens sit in paths.
pub(crate) struct Observation {
    pub(crate) span: Span,
    host_class: &'static str,
    start: Instant,
}

impl Observation {
    pub(crate) fn start(request: &Request) -> Self {
        let span = tracing::info_span!(
            "http client",
            otel.name = format!("HTTP {}", known_method(&request.method)),
            otel.kind = "client",
            otel.status_code = Empty,
            http.request.method = known_method(&request.method),
            server.address = request.url.as_ref().and_then(Url::host_str),
            url.template = request.template,
            http.response.status_code = Empty,
            error.type = Empty,
        );
        Self { span, host_class: request.host_class, start: Instant::now() }
    }

    pub(crate) fn end<T>(self, result: &Result<T, Error>, status: impl FnOnce(&T) -> StatusCode) {
        let outcome = match result {
            Ok(answer) => {
                let status = status(answer);
                self.span.record("http.response.status_code", status.as_u16());
                class(status)
            }
            Err(error) => error.kind(),
        };
        if !matches!(outcome, "1xx" | "2xx" | "3xx") {
            self.span.record("otel.status_code", "ERROR");
            self.span.record("error.type", outcome);
        }
        metering::called(self.host_class, outcome, self.start.elapsed());
    }
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}

/// A span's name has few values, whatever method was asked for.
fn known_method(method: &Method) -> &str {
    match *method {
        Method::GET
        | Method::HEAD
        | Method::POST
        | Method::PUT
        | Method::PATCH
        | Method::DELETE
        | Method::OPTIONS => method.as_str(),
        _ => "_OTHER",
    }
}
