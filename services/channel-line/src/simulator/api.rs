use axum::{
    Json, Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use http::{HeaderMap, HeaderName, StatusCode, header};
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use super::{Fault, Sent, Simulator, TOKEN, check, state};

const RETRY_KEY: &str = "x-line-retry-key";
const ACCEPTED_ID: HeaderName = HeaderName::from_static("x-line-accepted-request-id");

/// What is called under `/v2/bot/`.
pub(super) fn router() -> Router<Simulator> {
    Router::new()
        .route("/v2/bot/info", get(info))
        .route("/v2/bot/channel/webhook/endpoint", put(set_webhook))
        .route("/v2/bot/message/push", post(push))
        .route("/v2/bot/message/{id}/content", get(content))
        .route("/v2/bot/profile/{user}", get(profile))
        .route("/v2/bot/chat/loading/start", post(typing))
        .route("/v2/bot/chat/markAsRead", post(mark_as_read))
}

/// What the Messaging API refuses with.
pub(super) struct Refusal(StatusCode, Value);

impl Refusal {
    pub(super) fn new(status: StatusCode, message: &str) -> Self {
        Self(status, json!({"message": message}))
    }

    pub(super) fn field(property: &str, message: &str) -> Self {
        let details = [json!({"message": message, "property": property})];
        let words = "The request body has 1 error(s)";
        Self(StatusCode::BAD_REQUEST, json!({"message": words, "details": details}))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, Json(self.1)).into_response()
    }
}

impl Simulator {
    /// Whether the caller has the token, and no fault is played.
    fn admit(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let expected = format!("Bearer {TOKEN}");
        if headers.get(header::AUTHORIZATION).is_none_or(|given| given.as_bytes() != expected.as_bytes()) {
            let words = "Authentication failed due to the following reason: invalid token. Confirm that the \
                         access token in the authorization header is valid.";
            return Err(Refusal::new(StatusCode::UNAUTHORIZED, words));
        }
        let (status, words) = match self.world.lock().faults.pop_front() {
            None => return Ok(()),
            Some(Fault::RateLimit) => {
                (StatusCode::TOO_MANY_REQUESTS, "The API rate limit has been exceeded. Try again later.")
            }
            Some(Fault::MonthlyLimit) => {
                (StatusCode::TOO_MANY_REQUESTS, "You have reached your monthly limit.")
            }
            Some(Fault::ServerError) => (StatusCode::INTERNAL_SERVER_ERROR, "Internal server error"),
        };
        Err(Refusal::new(status, words))
    }
}

async fn info(State(simulator): State<Simulator>, headers: HeaderMap) -> Result<Json<Value>, Refusal> {
    simulator.admit(&headers)?;
    let id = "Ub00000000000000000000000000000000";
    Ok(Json(json!({"userId": id, "basicId": "@acme", "displayName": "Acme"})))
}

async fn set_webhook(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Result<Json<Value>, Refusal> {
    simulator.admit(&headers)?;
    let endpoint = body.get("endpoint").and_then(Value::as_str).unwrap_or_default();
    let url = Url::parse(endpoint).ok().filter(check::is_callable);
    let url = url.ok_or_else(|| Refusal::new(StatusCode::BAD_REQUEST, "Invalid webhook endpoint URL"))?;
    simulator.world.change(|state| state.webhook = Some(url));
    Ok(Json(json!({})))
}

async fn push(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Result<Response, Refusal> {
    simulator.admit(&headers)?;
    let key = headers.get(RETRY_KEY).map(|key| key.to_str().unwrap_or_default().to_owned());
    if key.as_deref().is_some_and(|key| Uuid::parse_str(key).is_err()) {
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "Invalid retry key"));
    }
    let to = body.get("to").and_then(Value::as_str).unwrap_or_default().to_owned();
    let messages = body.get("messages").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    simulator.world.change(|state| {
        if let Some(answer) = key.as_ref().and_then(|key| state.pushed.get(key)) {
            let mut repeated = json!({"message": "The retry key is already accepted"});
            repeated
                .as_object_mut()
                .into_iter()
                .for_each(|all| all.extend(answer.as_object().cloned().unwrap_or_default()));
            return Ok(
                (StatusCode::CONFLICT, [(ACCEPTED_ID, "accepted-before")], Json(repeated)).into_response()
            );
        }
        check::push(state, &to, messages)?;
        let mut ids = Vec::new();
        for message in messages {
            let id = state.next_id();
            ids.push(json!({"id": id, "quoteToken": format!("q{id}")}));
            let is_blocked = state.customers.get(&to).is_some_and(|customer| customer.blocked);
            // LINE does not tell who blocked the account
            if !is_blocked {
                state.sent.push(Sent { id, to: to.clone(), message: message.clone() });
            }
        }
        let answer = json!({"sentMessages": ids});
        state.pushed.extend(key.map(|key| (key, answer.clone())));
        Ok(Json(answer).into_response())
    })
}

async fn content(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    simulator.admit(&headers)?;
    let mut state = simulator.world.lock();
    let Some((mime, preparing)) = state.files.get_mut(&id) else {
        return Err(Refusal::new(StatusCode::NOT_FOUND, "Not found"));
    };
    if *preparing > 0 {
        *preparing -= 1;
        return Ok(StatusCode::ACCEPTED.into_response());
    }
    Ok(([(header::CONTENT_TYPE, *mime)], state::sample(mime)).into_response())
}

async fn profile(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    Path(user): Path<String>,
) -> Result<Json<Value>, Refusal> {
    simulator.admit(&headers)?;
    let state = simulator.world.lock();
    let customer = state.customers.get(&user).filter(|customer| !customer.blocked);
    let customer = customer.ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, "Not found"))?;
    Ok(Json(json!({"userId": user, "displayName": customer.name, "language": "en"})))
}

async fn typing(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Result<Response, Refusal> {
    simulator.admit(&headers)?;
    let chat = body.get("chatId").and_then(Value::as_str).unwrap_or_default();
    let seconds = body.get("loadingSeconds").and_then(Value::as_u64).unwrap_or(20);
    if !chat.starts_with('U') {
        return Err(Refusal::field("chatId", "Must be a user ID"));
    }
    if !(5..=60).contains(&seconds) || seconds % 5 != 0 {
        return Err(Refusal::field("loadingSeconds", "Must be 5 to 60 in steps of 5"));
    }
    simulator.world.lock().typing.push(chat.to_owned());
    Ok((StatusCode::ACCEPTED, Json(json!({}))).into_response())
}

async fn mark_as_read(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Result<Json<Value>, Refusal> {
    simulator.admit(&headers)?;
    let token = body.get("markAsReadToken").and_then(Value::as_str);
    let token = token.ok_or_else(|| Refusal::field("markAsReadToken", "May not be empty"))?;
    simulator.world.lock().read.push(token.to_owned());
    Ok(Json(json!({})))
}
