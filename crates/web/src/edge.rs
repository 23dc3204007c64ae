use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::{Router, extract::DefaultBodyLimit, middleware};
use tower_http::catch_panic::CatchPanicLayer;

mod answers;
mod clean_request;
mod deadline;
mod observe;
mod security_headers;

/// What every HTTP face of Weft has around its routes.
#[derive(Clone, Debug)]
pub struct Edge {
    /// How many proxies in front of us append to `X-Forwarded-For`.
    pub trusted_hops: usize,
    /// Whether callers come over https, so that they may be told to keep to it.
    pub https: bool,
    /// The largest body, in bytes; a route overrides it with axum's `DefaultBodyLimit`.
    pub body_limit: usize,
    /// Until a handler has an answer.
    pub deadline: Duration,
    /// Other deadlines, by route template.
    pub route_deadlines: BTreeMap<&'static str, Duration>,
}

impl Default for Edge {
    fn default() -> Self {
        Self {
            trusted_hops: 0,
            https: false,
            body_limit: 1024 * 1024,
            deadline: Duration::from_secs(30),
            route_deadlines: BTreeMap::new(),
        }
    }
}

impl Edge {
    /// Wraps finished routes. Routes added later, and a fallback of one's own, are outside of it.
    pub fn around(self, routes: Router) -> Router {
        let limit = DefaultBodyLimit::max(self.body_limit);
        let edge = Arc::new(self);
        // each layer goes around those above it
        routes
            .fallback(answers::no_route)
            .method_not_allowed_fallback(answers::no_method)
            .layer(limit)
            .layer(middleware::from_fn_with_state(Arc::clone(&edge), deadline::within_deadline))
            .layer(CatchPanicLayer::custom(answers::panicked))
            .layer(middleware::from_fn(answers::as_problem))
            .layer(middleware::from_fn(observe::observe))
            .layer(middleware::from_fn_with_state(Arc::clone(&edge), security_headers::add))
            .layer(middleware::from_fn_with_state(edge, clean_request::clean))
    }
}
