use axum::{
    Json, Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};
use url::Url;

use super::{Sent, Simulator, TOKEN, check, pusher};

/// What is called under `/pa/`, and the files of customers.
pub(super) fn router() -> Router<Simulator> {
    Router::new()
        .route("/pa/set_webhook", post(set_webhook))
        .route("/pa/send_message", post(send_message))
        .route("/pa/get_user_details", post(user_details))
        .route("/files/{name}", get(file))
}

/// What Viber refuses with; HTTP's status is 200 all the same.
pub(super) struct Refusal(pub(super) u32, pub(super) &'static str);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        Json(json!({"status": self.0, "status_message": self.1})).into_response()
    }
}

impl Simulator {
    fn admit(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        if headers.get("x-viber-auth-token").is_none_or(|given| given.as_bytes() != TOKEN.as_bytes()) {
            return Err(Refusal(2, "invalidAuthToken"));
        }
        let mut state = self.world.lock();
        match state.too_many.checked_sub(1) {
            None => Ok(()),
            Some(left) => {
                state.too_many = left;
                Err(Refusal(12, "tooManyRequests"))
            }
        }
    }
}

async fn set_webhook(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Result<Json<Value>, Refusal> {
    simulator.admit(&headers)?;
    let address = body.get("url").and_then(Value::as_str).unwrap_or_default();
    if address.is_empty() {
        simulator.world.lock().webhook = None;
        return Ok(Json(json!({"status": 0, "status_message": "ok"})));
    }
    let url = Url::parse(address).ok().filter(check::is_callable).ok_or(Refusal(1, "invalidUrl"))?;
    let token = simulator.world.lock().next_token();
    let greeting = json!({"event": "webhook", "timestamp": pusher::now(), "message_token": token});
    if !pusher::push(&simulator, url.clone(), &greeting).await {
        return Err(Refusal(1, "invalidUrl"));
    }
    simulator.world.change(|state| state.webhook = Some(url));
    Ok(Json(json!({"status": 0, "status_message": "ok", "event_types": body.get("event_types")})))
}

async fn send_message(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    Json(message): Json<Value>,
) -> Result<Json<Value>, Refusal> {
    simulator.admit(&headers)?;
    let receiver = message.get("receiver").and_then(Value::as_str).unwrap_or_default().to_owned();
    simulator.world.change(|state| {
        if state.webhook.is_none() {
            return Err(Refusal(10, "webhookNotSet"));
        }
        let customer = state.customers.get(&receiver).ok_or(Refusal(5, "receiverNotRegistered"))?;
        if !customer.subscribed {
            return Err(Refusal(6, "receiverNotSubscribed"));
        }
        check::message(&message)?;
        let message_token = state.next_token();
        state.sent.push(Sent { message_token, receiver: receiver.clone(), message });
        for event in ["delivered", "seen"] {
            let at = pusher::now();
            state.pushes.push_back(
                json!({"event": event, "timestamp": at, "message_token": message_token, "user_id": receiver}),
            );
        }
        Ok(Json(json!({"status": 0, "status_message": "ok", "message_token": message_token})))
    })
}

/// Twice for each person; the real one allows it again after twelve hours.
async fn user_details(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Result<Json<Value>, Refusal> {
    simulator.admit(&headers)?;
    let id = body.get("id").and_then(Value::as_str).unwrap_or_default();
    let mut state = simulator.world.lock();
    let customer = state.customers.get_mut(id).ok_or(Refusal(5, "receiverNotRegistered"))?;
    customer.asked_for += 1;
    if customer.asked_for > 2 {
        return Err(Refusal(12, "tooManyRequests"));
    }
    Ok(Json(json!({"status": 0, "status_message": "ok", "user": {"id": id, "name": customer.name}})))
}

async fn file(Path(name): Path<String>) -> Response {
    match name.as_str() {
        "picture.gif" => ([(header::CONTENT_TYPE, "image/gif")], GIF).into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// One pixel.
const GIF: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";
