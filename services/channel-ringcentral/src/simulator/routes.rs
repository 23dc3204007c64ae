use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use http::{StatusCode, header};
use tokio::time::Instant;

use super::{
    Simulator, auth, calls, control, files, limits, messages, refusal::Refusal, store, subscriptions,
};

/// The API, where files lie, and our own control.
pub(super) fn router(simulator: &Simulator) -> Router {
    let own = |rest: &str| format!("/restapi/v1.0/account/~/extension/~/{rest}");
    let guarded = Router::new()
        .route(&own("phone-number"), get(store::numbers))
        .route(&own("sms"), post(messages::sms))
        .route(&own("mms"), post(messages::mms))
        .route(&own("message-sync"), get(store::messages))
        .route(&own("message-store"), get(store::message_store))
        .route(&own("call-log"), get(store::call_log))
        .route(&own("call-log-sync"), get(store::calls))
        .route(&own("ring-out"), post(calls::ring_out))
        .route(&own("message-store/{message}/content/{file}"), get(files::content))
        .route("/restapi/v1.0/subscription", get(subscriptions::list).post(subscriptions::create))
        .route("/restapi/v1.0/subscription/{id}", axum::routing::delete(subscriptions::delete))
        .route("/restapi/v1.0/subscription/{id}/renew", post(subscriptions::renew))
        .route_layer(middleware::from_fn_with_state(simulator.clone(), authorize));
    Router::new()
        .route("/restapi/oauth/token", post(auth::token))
        .merge(guarded)
        .route_layer(middleware::from_fn_with_state(simulator.clone(), limit))
        .merge(control::router())
        .layer(DefaultBodyLimit::max(8 * 1024 * 1024))
        .fallback(async || Refusal::not_found())
        .with_state(simulator.clone())
}

/// Neither too many calls nor those that a fault hits get in.
async fn limit(State(simulator): State<Simulator>, request: Request, next: Next) -> Response {
    let group = limits::group(request.method(), request.uri().path());
    let counted = simulator.world.lock().limits.count(group, Instant::now());
    if let Err(most) = counted {
        let mut response = Refusal::too_many(60).into_response();
        let headers = response.headers_mut();
        headers.insert("x-rate-limit-limit", most.into());
        headers.insert("x-rate-limit-remaining", 0.into());
        headers.insert("x-rate-limit-window", 60.into());
        return response;
    }
    match simulator.draw_fault() {
        Some(fault) => Refusal::from(fault).into_response(),
        None => next.run(request).await,
    }
}

/// Only who has a token gets in.
async fn authorize(State(simulator): State<Simulator>, request: Request, next: Next) -> Response {
    let given = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = given.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    let is_known = simulator.world.lock().tokens.contains(token);
    if is_known {
        next.run(request).await
    } else {
        Refusal::new(StatusCode::UNAUTHORIZED, "OAU-128").into_response()
    }
}
