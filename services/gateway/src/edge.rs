use std::{collections::BTreeMap, time::Duration};

use axum::{
    Router,
    extract::{Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, Method, header};
use tower::{Layer, ServiceExt};
use tower_http::cors::CorsLayer;
use weft_proto::operation;
use weft_web::Edge;

use crate::Config;

/// How long the upload of one file may take; its pace is watched besides.
const UPLOAD: Duration = Duration::from_secs(600);
/// A service that says it took too long is heard.
const ANSWER: Duration = Duration::from_secs(2);

/// Puts the edge around all routes that one listener serves: limits, security headers, errors as problems, and CORS for
/// the origins that are allowed.
pub fn around(config: &Config, routes: Router) -> Router {
    let edge = Edge {
        trusted_hops: config.trusted_proxies,
        https: config.public_url.as_ref().is_some_and(|url| url.scheme() == "https"),
        body_limit: config.body_limit_bytes,
        route_deadlines: deadlines(),
        ..Edge::default()
    };
    let routes = edge.around(routes);
    match cors(config) {
        Some(layer) => routes.layer(middleware::from_fn_with_state(layer, with_cors)),
        None => routes,
    }
}

/// What takes longer than most: uploads, and what `proto/` says of a method.
fn deadlines() -> BTreeMap<&'static str, Duration> {
    let slow = operation::all().iter().filter(|operation| !operation.patience().is_zero());
    let own = slow.filter_map(|one| Some((one.http.as_ref()?.path.as_str(), one.patience() + ANSWER)));
    own.chain([("/v1/files", UPLOAD), ("/v1/uploads/{id}", UPLOAD), ("/webchat/{channel_id}/files", UPLOAD)])
        .collect()
}

/// Only the API is for the origins listed here: other routes, like those of a widget, have rules of their own.
async fn with_cors(State(layer): State<CorsLayer>, request: Request, next: Next) -> Response {
    let is_api = ["/v1/", "/.well-known/", "/openapi.json"]
        .iter()
        .any(|start| request.uri().path().starts_with(start));
    if !is_api {
        return next.run(request).await;
    }
    layer.layer(next).oneshot(request).await.into_response()
}

fn cors(config: &Config) -> Option<CorsLayer> {
    if config.allowed_origins.is_empty() {
        return None;
    }
    let origins: Vec<HeaderValue> =
        config.allowed_origins.iter().filter_map(|origin| origin.parse().ok()).collect();
    let ours = |name: &'static str| HeaderName::from_static(name);
    let layer = CorsLayer::new()
        .allow_origin(origins)
        .allow_credentials(true)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            ours("idempotency-key"),
            ours("weft-session"),
            ours("traceparent"),
        ])
        .expose_headers([
            header::RETRY_AFTER,
            ours("idempotent-replayed"),
            ours("ratelimit-limit"),
            ours("ratelimit-remaining"),
            ours("ratelimit-reset"),
        ]);
    Some(layer)
}
