use axum::{
    Router,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{StatusCode, header::CONTENT_TYPE};
use serde::Serialize;
use weft_runtime::{Need, Readiness};

use crate::Json;

const METRICS_TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

#[derive(Serialize)]
struct Report {
    state: &'static str,
    checks: Vec<CheckLine>,
}

#[derive(Serialize)]
struct CheckLine {
    name: String,
    required: bool,
    up: bool,
}

/// `/healthz`, `/readyz` and `/metrics`, for the cluster's inner side.
///
/// `/healthz` looks at nothing: a dependency that is down must not get healthy processes restarted.
pub fn probes<F>(readiness: Readiness, render_metrics: F) -> Router
where
    F: Fn() -> String + Clone + Send + Sync + 'static,
{
    Router::new()
        .route("/healthz", get(async || "ok"))
        .route("/readyz", get(async move || ready(&readiness)))
        .route("/metrics", get(async move || ([(CONTENT_TYPE, METRICS_TEXT)], render_metrics())))
}

/// What is wrong with a dependency stays in the log.
fn ready(readiness: &Readiness) -> Response {
    let state = readiness.state();
    let checks = readiness.report().into_iter().map(|check| CheckLine {
        up: check.trouble.is_none(),
        required: check.need == Need::Required,
        name: check.name,
    });
    let status = if state.serves() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Report { state: state.as_str(), checks: checks.collect() })).into_response()
}
