use axum::{
    Json, Router,
    extract::{Path, State as Shared},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use super::{
    Fault, Sent, Simulator, TENANT, changes,
    state::{Place, State},
};

/// The largest activity.
const MAX_BYTES: usize = 28_000;

/// The Connector's calls, below the path of a region.
pub(super) fn router() -> Router<Simulator> {
    Router::new()
        .route("/{place}/v3/conversations", post(open))
        .route("/{place}/v3/conversations/{conversation}/activities", post(send))
        .route(
            "/{place}/v3/conversations/{conversation}/activities/{id}",
            post(answer).put(changes::edit).delete(changes::delete),
        )
        .route("/{place}/v3/conversations/{conversation}/members/{user}", get(member))
        .route("/{place}/v3/conversations/{conversation}/pagedmembers", get(members))
}

/// What the Connector refuses with.
pub(super) struct Refusal(pub(super) StatusCode, pub(super) &'static str);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self(status, code) = self;
        let body = Json(json!({"error": {"code": code, "message": "as the simulator sees it"}}));
        match status {
            StatusCode::TOO_MANY_REQUESTS => (status, [(header::RETRY_AFTER, "1")], body).into_response(),
            StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => {
                (status, "<html></html>").into_response()
            }
            _ => (status, body).into_response(),
        }
    }
}

pub(super) type Answer = Result<(StatusCode, Json<Value>), Refusal>;

async fn send(
    Shared(simulator): Shared<Simulator>,
    Path((region, conversation)): Path<(String, String)>,
    headers: HeaderMap,
    Json(activity): Json<Value>,
) -> Answer {
    simulator.admit(&headers)?;
    simulator.take(region, conversation, activity)
}

async fn answer(
    Shared(simulator): Shared<Simulator>,
    Path((region, conversation, id)): Path<(String, String, String)>,
    headers: HeaderMap,
    Json(activity): Json<Value>,
) -> Answer {
    simulator.admit(&headers)?;
    let place = (conversation, id);
    find(&simulator.world.lock(), &place)?;
    let (conversation, _) = place;
    simulator.take(region, conversation, activity)
}

async fn open(Shared(simulator): Shared<Simulator>, headers: HeaderMap, Json(body): Json<Value>) -> Answer {
    simulator.admit(&headers)?;
    let user = body.pointer("/members/0/id").and_then(Value::as_str).unwrap_or_default();
    let is_there = simulator.world.lock().people.contains_key(user);
    if !is_there {
        return Err(Refusal(StatusCode::BAD_REQUEST, "BadArgument"));
    }
    Ok((StatusCode::CREATED, Json(json!({"id": State::personal(user)}))))
}

async fn member(
    Shared(simulator): Shared<Simulator>,
    Path((_region, _conversation, user)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Answer {
    simulator.admit(&headers)?;
    let name = simulator.world.lock().people.get(&user).cloned();
    let name = name.ok_or(Refusal(StatusCode::NOT_FOUND, "MemberNotFoundInConversation"))?;
    Ok((StatusCode::OK, Json(json!({"id": user, "name": name, "tenantId": TENANT}))))
}

async fn members(
    Shared(simulator): Shared<Simulator>,
    Path((_region, conversation)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    simulator.admit(&headers)?;
    let state = simulator.world.lock();
    let person = state.person_of(&conversation);
    let members: Vec<Value> =
        person.map(|id| json!({"id": id, "name": state.people.get(id)})).into_iter().collect();
    Ok((StatusCode::OK, Json(json!({"members": members}))))
}

impl Simulator {
    /// Whether the caller has a token that holds, and no fault is played.
    pub(super) fn admit(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let mut state = self.world.lock();
        let fault = state.faults.pop_front();
        if fault == Some(Fault::TokensTakenBack) {
            state.tokens.clear();
        }
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = given.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
        if !state.tokens.contains(token) {
            return Err(Refusal(StatusCode::UNAUTHORIZED, "Unauthorized"));
        }
        match fault {
            None | Some(Fault::TokensTakenBack) => Ok(()),
            Some(Fault::Throttled) => Err(Refusal(StatusCode::TOO_MANY_REQUESTS, "Throttled")),
            Some(Fault::TryAgain) => Err(Refusal(StatusCode::PRECONDITION_FAILED, "PreconditionFailed")),
            Some(Fault::BadGateway) => Err(Refusal(StatusCode::BAD_GATEWAY, "")),
            Some(Fault::GatewayTimeout) => Err(Refusal(StatusCode::GATEWAY_TIMEOUT, "")),
            Some(Fault::Removed) => Err(Refusal(StatusCode::FORBIDDEN, "BotNotInConversationRoster")),
        }
    }

    fn take(&self, region: String, conversation: String, activity: Value) -> Answer {
        self.world.change(|state| {
            within_reach(state, &conversation)?;
            if !state.may_send(&conversation) {
                return Err(Refusal(StatusCode::TOO_MANY_REQUESTS, "Throttled"));
            }
            if activity.get("type").and_then(Value::as_str) == Some("typing") {
                state.typing.push(conversation);
                return Ok((StatusCode::ACCEPTED, Json(json!({}))));
            }
            check(&activity)?;
            let id = state.next_id();
            state.activities.insert((conversation.clone(), id.clone()), true);
            state.sent.push(Sent {
                conversation,
                id: id.clone(),
                activity,
                region,
                edited: false,
                deleted: false,
            });
            Ok((StatusCode::CREATED, Json(json!({"id": id}))))
        })
    }
}

/// Refuses conversations that are not there, or in which the bot may not write.
pub(super) fn within_reach(state: &State, conversation: &str) -> Result<(), Refusal> {
    let person = state.person_of(conversation);
    if person.is_none() && !state.activities.keys().any(|(place, _)| place == conversation) {
        return Err(Refusal(StatusCode::NOT_FOUND, "ConversationNotFound"));
    }
    if person.is_some_and(|person| state.blocked.contains(person)) {
        return Err(Refusal(StatusCode::FORBIDDEN, "ConversationBlockedByUser"));
    }
    Ok(())
}

/// Refuses what is too large, or no message.
pub(super) fn check(activity: &Value) -> Result<(), Refusal> {
    if activity.to_string().len() > MAX_BYTES {
        return Err(Refusal(StatusCode::PAYLOAD_TOO_LARGE, "MessageSizeTooBig"));
    }
    if !is_message(activity) {
        return Err(Refusal(StatusCode::BAD_REQUEST, "BadSyntax"));
    }
    Ok(())
}

/// Whether an activity that is there is the bot's.
pub(super) fn find(state: &State, place: &Place) -> Result<bool, Refusal> {
    let found = state.activities.get(place).copied();
    found.ok_or(Refusal(StatusCode::BAD_REQUEST, "ActivityNotFoundInConversation"))
}

/// Whether it is a message with words, or with pictures and cards.
fn is_message(activity: &Value) -> bool {
    let text = activity.get("text").and_then(Value::as_str).unwrap_or_default();
    let attachments =
        activity.get("attachments").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let is_card = |one: &Value| {
        one.get("contentType").and_then(Value::as_str) == Some("application/vnd.microsoft.card.adaptive")
    };
    let is_fine = |one: &Value| match is_card(one) {
        true => one.pointer("/content/type").and_then(Value::as_str) == Some("AdaptiveCard"),
        false => one.get("contentUrl").and_then(Value::as_str).is_some_and(|url| url.starts_with("https://")),
    };
    activity.get("type").and_then(Value::as_str) == Some("message")
        && (!text.is_empty() || !attachments.is_empty())
        && attachments.iter().all(is_fine)
}
