use axum::{
    Form, Json, Router,
    extract::{Path, Request, State},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;
use weft_twilio::errors;

use super::{Simulator, calls, control};

/// The number's own SID.
const NUMBER_SID: &str = "PN00000000000000000000000000000001";
/// What Twilio says of an address it cannot call.
const NOT_AN_ADDRESS: u32 = 21502;
/// What every caller says who leaves a message.
const MESSAGE: &[u8] = include_bytes!("samples/message.mp3");

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Hooks {
    voice_url: String,
    status_callback: String,
}

/// The API and our own control.
pub(super) fn router(simulator: &Simulator) -> Router {
    let account = "/2010-04-01/Accounts/{account}";
    let below = |rest: &str| format!("{account}/{rest}");
    Router::new()
        .route(account, get(own))
        .route(&below("IncomingPhoneNumbers.json"), get(numbers))
        .route(&below("IncomingPhoneNumbers/{sid}"), post(set_number))
        .route(&below("Calls.json"), post(calls::create))
        .route(&below("Recordings/{file}"), get(recording))
        .route_layer(middleware::from_fn_with_state(simulator.clone(), guard))
        .merge(control::router())
        .fallback(async || refuse(StatusCode::NOT_FOUND, 20404))
        .with_state(simulator.clone())
}

/// Only the account itself gets in.
async fn guard(State(simulator): State<Simulator>, request: Request, next: Next) -> Response {
    let settings = &simulator.settings;
    let pair = STANDARD.encode(format!("{}:{}", settings.account_sid, settings.auth_token));
    let given = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if given != Some(&format!("Basic {pair}")) {
        return refuse(StatusCode::UNAUTHORIZED, 20003);
    }
    next.run(request).await
}

/// What is not taken, and why.
pub(super) fn refuse(status: StatusCode, code: u32) -> Response {
    let message = errors::meaning(code).map_or("refused", |(_, words)| words);
    let more_info = format!("https://www.twilio.com/docs/errors/{code}");
    let body = json!({"code": code, "message": message, "more_info": more_info, "status": status.as_u16()});
    (status, Json(body)).into_response()
}

async fn own(State(simulator): State<Simulator>) -> Json<Value> {
    Json(json!({"sid": simulator.settings.account_sid, "friendly_name": "Acme Support", "status": "active"}))
}

async fn numbers(State(simulator): State<Simulator>) -> Json<Value> {
    let number = json!({"sid": NUMBER_SID, "phone_number": simulator.settings.number});
    Json(json!({"incoming_phone_numbers": [number], "page": 0}))
}

async fn set_number(State(simulator): State<Simulator>, Form(hooks): Form<Hooks>) -> Response {
    let (Ok(voice), Ok(status)) = (Url::parse(&hooks.voice_url), Url::parse(&hooks.status_callback)) else {
        return refuse(StatusCode::BAD_REQUEST, NOT_AN_ADDRESS);
    };
    simulator.world.change(|state| {
        state.webhook = Some(voice);
        state.status = Some(status);
    });
    Json(json!({"sid": NUMBER_SID})).into_response()
}

async fn recording(State(simulator): State<Simulator>, Path((_, file)): Path<(String, String)>) -> Response {
    let is_there =
        file.strip_suffix(".mp3").is_some_and(|sid| simulator.world.lock().recordings.contains(sid));
    if !is_there {
        return refuse(StatusCode::NOT_FOUND, 20404);
    }
    ([(header::CONTENT_TYPE, "audio/mpeg")], MESSAGE).into_response()
}
