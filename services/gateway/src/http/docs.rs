use axum::{Router, extract::Request, middleware, middleware::Next, response::Response};
use http::{HeaderValue, header};
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::state::Gateway;

/// Swagger UI styles itself from scripts and draws with `data:` images; it talks to this host only.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Swagger UI at `/docs`.
pub(crate) fn routes() -> Router<Gateway> {
    // nobody else is asked whether the document is right
    let config = Config::new(["/openapi.json"]).try_it_out_enabled(true).validator_url("none");
    Router::from(SwaggerUi::new("/docs").config(config)).layer(middleware::from_fn(with_policy))
}

async fn with_policy(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}
