use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use http::StatusCode;
use metrics::gauge;
use tokio::time::Instant;
use tracing::Instrument as _;
use weft_telemetry::span;

use crate::metering;

/// A span and figures for each request, under its route's template.
pub(super) async fn observe(request: Request, next: Next) -> Response {
    let template = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let method = span::method_name(request.method()).to_owned();
    let around = span::http_server(request.method(), template.as_deref(), request.headers());
    let route = template.unwrap_or_else(|| "unmatched".to_owned());
    let begun = Instant::now();
    let running = Running::begin();

    let response = next.run(request).instrument(around.clone()).await;

    drop(running);
    around.record("http.response.status_code", response.status().as_u16());
    if response.status().is_server_error() {
        span::fail(&around, response.status().as_str());
    }
    metering::answered(route, method, class(response.status()), begun.elapsed());
    response
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        100..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        _ => "5xx",
    }
}

/// Counts down even when the caller goes away and the request is dropped.
struct Running;

impl Running {
    fn begin() -> Self {
        gauge!("weft_http_requests_in_flight").increment(1);
        Self
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        gauge!("weft_http_requests_in_flight").decrement(1);
    }
}
