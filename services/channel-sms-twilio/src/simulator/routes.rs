use axum::{
    Router,
    extract::{Request, State},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::header;

use super::{Simulator, control, media, messages, refusal::Refusal, setup};

/// The API, where files lie, and our own control.
pub(super) fn router(simulator: &Simulator) -> Router {
    let account = "/2010-04-01/Accounts/{account}";
    let below = |rest: &str| format!("{account}/{rest}");
    Router::new()
        .route(account, get(setup::account))
        .route(&below("IncomingPhoneNumbers.json"), get(setup::numbers))
        .route(&below("IncomingPhoneNumbers/{sid}"), post(setup::set_number))
        .route(&below("Messages.json"), post(messages::create).get(messages::list))
        .route(&below("Messages/{sid}/Media/{media}"), get(media::send_on))
        .route("/v1/Services/{sid}", post(setup::set_service))
        .route("/v3/Indicators/Typing.json", post(messages::typing))
        .route_layer(middleware::from_fn_with_state(simulator.clone(), guard))
        .route("/storage/{media}", get(media::give))
        .merge(control::router())
        .fallback(async || Refusal::not_found())
        .with_state(simulator.clone())
}

/// Only the account itself gets in, and what a fault hits does not.
async fn guard(State(simulator): State<Simulator>, request: Request, next: Next) -> Response {
    let settings = &simulator.settings;
    let pair = STANDARD.encode(format!("{}:{}", settings.account_sid, settings.auth_token));
    let given = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if given != Some(&format!("Basic {pair}")) {
        return Refusal::unauthorized().into_response();
    }
    let mut path = request.uri().path().split('/');
    let asked = path.nth(3).filter(|_| request.uri().path().starts_with("/2010-04-01/"));
    if asked.is_some_and(|sid| sid.trim_end_matches(".json") != settings.account_sid) {
        return Refusal::not_found().into_response();
    }
    match simulator.draw_fault() {
        Some(fault) => Refusal::from(fault).into_response(),
        None => next.run(request).await,
    }
}
