use std::net::SocketAddr;

use axum::{
    Router,
    extract::{ConnectInfo, Request},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderMap, StatusCode, header::CONTENT_TYPE};
use serde::Serialize;
use weft_domain::{Error, ErrorCode};
use weft_runtime::{Need, Readiness};

use crate::{Json, Problem};

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

/// Lets only callers on this machine in; not those whom a proxy on it brings along. Others find nothing.
pub fn local_only(routes: Router) -> Router {
    routes.layer(middleware::from_fn(async |request: Request, next: Next| {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
        let is_here = peer.is_some_and(|peer| peer.0.ip().to_canonical().is_loopback());
        if is_here && !is_forwarded(request.headers()) {
            return next.run(request).await;
        }
        Problem::from(Error::new(ErrorCode::NotFound, "no_such_route", "there is nothing here"))
            .into_response()
    }))
}

fn is_forwarded(headers: &HeaderMap) -> bool {
    ["forwarded", "x-forwarded-for", "x-real-ip", "via"].iter().any(|name| headers.contains_key(*name))
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
