use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State as Shared},
    response::{IntoResponse, Response},
    routing::post,
};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::{
    Fault, Sent, Simulator, TEAM, TOKEN,
    check::{self, text},
    events,
    pusher::Push,
    state::State,
};

/// The Web API, and the address for notifications.
pub(super) fn router() -> Router<Simulator> {
    Router::new().route("/api/{method}", post(method)).route("/services/{*rest}", post(notify))
}

/// What a method refuses with.
pub(super) enum Refusal {
    /// `"ok": false` with status 200.
    Code(&'static str),
    /// Too many calls.
    RateLimited,
    /// A gateway's page.
    Page(StatusCode),
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let refused = |code: &str| json!({"ok": false, "error": code});
        match self {
            Self::Code("missing_scope") => {
                let needs = json!({"ok": false, "error": "missing_scope", "needed": "chat:write", "provided": "none"});
                Json(needs).into_response()
            }
            Self::Code(code) => Json(refused(code)).into_response(),
            Self::RateLimited => {
                let wait = [(header::RETRY_AFTER, "1")];
                (StatusCode::TOO_MANY_REQUESTS, wait, Json(refused("ratelimited"))).into_response()
            }
            Self::Page(status) => (status, "<html><body>gateway</body></html>").into_response(),
        }
    }
}

pub(super) type Answer = Result<Value, Refusal>;

async fn method(
    Shared(simulator): Shared<Simulator>,
    Path(method): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    admit(&headers)?;
    if let Some(fault) = simulator.world.lock().faults.pop_front() {
        return Err(fault.refusal());
    }
    let body = arguments(&headers, &body)?;
    let mut given = match method.as_str() {
        "auth.test" => Ok(json!({
            "url": "https://acme.slack.com/", "team": "Acme", "user": "support",
            "team_id": TEAM, "user_id": events::BOT_USER, "bot_id": events::BOT,
        })),
        "chat.postMessage" => simulator.post(&body),
        "chat.update" => simulator.update(&body),
        "chat.delete" => simulator.delete(&body),
        "reactions.add" => simulator.react(&body, false),
        "reactions.remove" => simulator.react(&body, true),
        "conversations.open" => simulator.open(&body),
        "users.info" => simulator.person(&body),
        "files.getUploadURLExternal" => simulator.upload_place(&body),
        "files.completeUploadExternal" => simulator.complete_upload(&body),
        "files.info" => simulator.file_info(&body),
        _ => Err(Refusal::Code("unknown_method")),
    }?;
    if let Some(fields) = given.as_object_mut() {
        fields.insert("ok".to_owned(), true.into());
    }
    Ok(Json(given))
}

fn admit(headers: &HeaderMap) -> Result<(), Refusal> {
    let given = headers.get(header::AUTHORIZATION).map(|value| value.as_bytes());
    match given.and_then(|value| value.strip_prefix(b"Bearer ")) {
        None => Err(Refusal::Code("not_authed")),
        Some(token) if token == TOKEN.as_bytes() => Ok(()),
        Some(_) => Err(Refusal::Code("invalid_auth")),
    }
}

/// A method's arguments: JSON, or a form.
fn arguments(headers: &HeaderMap, body: &Bytes) -> Answer {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if kind.starts_with("application/json") {
        return serde_json::from_slice(body).map_err(|_| Refusal::Code("invalid_json"));
    }
    let pairs = form_urlencoded::parse(body);
    let fields: Map<String, Value> =
        pairs.map(|(name, value)| (name.into_owned(), value.into_owned().into())).collect();
    Ok(fields.into())
}

impl Simulator {
    fn post(&self, body: &Value) -> Answer {
        let channel = text(body, "channel").to_owned();
        self.world.change(|state| {
            if !state.knows(&channel) {
                return Err(Refusal::Code("channel_not_found"));
            }
            if !state.may_post(&channel) {
                return Err(Refusal::RateLimited);
            }
            check::message(body).map_err(Refusal::Code)?;
            let ts = state.next_ts();
            let mut message = json!({
                "type": "message", "subtype": "bot_message", "bot_id": events::BOT, "text": text(body, "text"), "ts": ts,
            });
            if let (Some(thread), Some(fields)) = (body.get("thread_ts"), message.as_object_mut()) {
                fields.insert("thread_ts".to_owned(), thread.clone());
            }
            state.messages.insert((channel.clone(), ts.clone()), message.clone());
            let number = state.next();
            state.sent.push(Sent::new(channel.clone(), ts.clone(), body.clone()));
            // the app hears of its own messages, too
            state.push(Push::Event(events::wrapped(number, events::placed(message.clone(), &channel))));
            Ok(json!({"channel": channel, "ts": ts, "message": message}))
        })
    }

    fn open(&self, body: &Value) -> Answer {
        let user = text(body, "users");
        let is_there = self.world.lock().people.contains_key(user);
        if !is_there {
            return Err(Refusal::Code("user_not_found"));
        }
        Ok(json!({"channel": {"id": State::direct(user)}}))
    }

    fn person(&self, body: &Value) -> Answer {
        let user = text(body, "user");
        let name = self.world.lock().people.get(user).cloned().ok_or(Refusal::Code("user_not_found"))?;
        let profile = json!({"display_name": name, "email": format!("{user}@example.com").to_lowercase()});
        Ok(
            json!({"user": {"id": user, "team_id": TEAM, "real_name": name, "is_bot": false, "profile": profile}}),
        )
    }
}

/// Notifications by address alone are answered in plain text.
async fn notify(Shared(simulator): Shared<Simulator>, Path(rest): Path<String>, body: Bytes) -> Response {
    let refused = |status: StatusCode, why: &'static str| (status, why).into_response();
    if !rest.starts_with(TEAM) {
        return refused(StatusCode::NOT_FOUND, "no_team");
    }
    let Ok(message) = serde_json::from_slice::<Value>(&body) else {
        return refused(StatusCode::BAD_REQUEST, "invalid_payload");
    };
    if check::message(&message).is_err() {
        return refused(StatusCode::BAD_REQUEST, "no_text");
    }
    simulator.world.change(|state| state.sent.push(Sent::new(rest, String::new(), message)));
    "ok".into_response()
}

impl Fault {
    pub(super) fn refusal(self) -> Refusal {
        match self {
            Self::RateLimited => Refusal::RateLimited,
            Self::TokenRevoked => Refusal::Code("token_revoked"),
            Self::MissingScope => Refusal::Code("missing_scope"),
            Self::InternalError => Refusal::Code("internal_error"),
            Self::NotInChannel => Refusal::Code("not_in_channel"),
            Self::GatewayPage => Refusal::Page(StatusCode::BAD_GATEWAY),
        }
    }
}
