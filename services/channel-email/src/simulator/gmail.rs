//! As much of the Gmail API as the adapter uses, over the same mailboxes, and what gives its access tokens.

mod answers;
mod handing_over;

use std::collections::BTreeMap;

use axum::{
    Form, Json, Router,
    extract::{DefaultBodyLimit, Path, RawQuery, State as Shared},
    http::{HeaderMap, StatusCode, header},
    routing::{get, post},
};
use chrono::{TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::{ADDRESS, Fault, Simulator, state::Happened};
use answers::{Answer, Refusal, folder_of, mail_id, mail_number, message, refuse};

/// The application that may use the mailbox.
pub const CLIENT_ID: &str = "simulated-client.apps.googleusercontent.com";
/// Its secret.
pub const CLIENT_SECRET: &str = "simulated-client-secret";
/// What access tokens are made from.
pub const REFRESH_TOKEN: &str = "simulated-refresh-token";
/// Pages are small, so that there are several.
const PAGE: usize = 10;
/// A request's body; what is larger has to be uploaded.
const MOST_BYTES: usize = 5 * 1024 * 1024;
const MOST_UPLOADED: usize = 36_700_160;

pub(super) fn router() -> Router<Simulator> {
    let me = "/gmail/v1/users/me";
    Router::new()
        .route("/token", post(token))
        .route(&format!("{me}/profile"), get(profile))
        .route(&format!("{me}/labels/{{id}}"), get(label))
        .route(&format!("{me}/history"), get(history))
        .route(&format!("{me}/messages"), get(list))
        .route(&format!("{me}/messages/{{id}}"), get(read))
        .route(&format!("{me}/messages/send"), post(handing_over::send))
        .route(&format!("{me}/watch"), post(watch))
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .route(
            "/upload/gmail/v1/users/me/messages/send",
            post(handing_over::upload).layer(DefaultBodyLimit::max(MOST_UPLOADED)),
        )
}

async fn token(
    Shared(simulator): Shared<Simulator>,
    Form(form): Form<BTreeMap<String, String>>,
) -> (StatusCode, Json<Value>) {
    let given = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let no = |error: &str| (StatusCode::BAD_REQUEST, Json(json!({"error": error})));
    if given("grant_type") != "refresh_token" {
        return no("unsupported_grant_type");
    }
    if (given("client_id"), given("client_secret")) != (CLIENT_ID, CLIENT_SECRET) {
        return no("invalid_client");
    }
    if given("refresh_token") != REFRESH_TOKEN {
        return no("invalid_grant");
    }
    simulator.world.change(|state| state.connected = true);
    let token = access_token(simulator.world.lock().withdrawn);
    (StatusCode::OK, Json(json!({"access_token": token, "expires_in": 3599, "token_type": "Bearer"})))
}

fn access_token(withdrawn: u32) -> String {
    format!("simulated-access-token-{withdrawn}")
}

/// Whether a call has a token that holds.
fn let_in(simulator: &Simulator, headers: &HeaderMap) -> Result<(), Refusal> {
    let mut state = simulator.world.lock();
    if state.fault(|fault| fault == Fault::SignIn).is_some() {
        state.withdrawn += 1;
    }
    let expected = format!("Bearer {}", access_token(state.withdrawn));
    let given = headers.get(header::AUTHORIZATION).map(|value| value.as_bytes());
    if given == Some(expected.as_bytes()) {
        return Ok(());
    }
    Err(refuse(401, "authError", "Invalid Credentials"))
}

async fn profile(Shared(simulator): Shared<Simulator>, headers: HeaderMap) -> Answer {
    let_in(&simulator, &headers)?;
    let state = simulator.world.lock();
    let (count, id) = (state.mails().count(), state.history_id().to_string());
    Ok(Json(json!({"emailAddress": ADDRESS, "messagesTotal": count, "threadsTotal": count, "historyId": id})))
}

async fn label(Shared(simulator): Shared<Simulator>, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    let_in(&simulator, &headers)?;
    match folder_of(&id) {
        Some(_) => Ok(Json(json!({"id": id, "name": id, "type": "system"}))),
        None => Err(refuse(404, "notFound", "Requested entity was not found.")),
    }
}

async fn history(
    Shared(simulator): Shared<Simulator>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Answer {
    let_in(&simulator, &headers)?;
    let query = Query::read(query)?;
    let Some(start) = query.one("startHistoryId").and_then(|text| text.parse::<u64>().ok()) else {
        return Err(refuse(400, "invalidArgument", "Missing or malformed startHistoryId"));
    };
    let state = simulator.world.lock();
    if start < state.forgotten || start > state.history_id() {
        return Err(refuse(404, "notFound", "Requested entity was not found."));
    }
    let types = query.all("historyTypes");
    let wanted = |happened: &&Happened| {
        let kind = if happened.moved { "labelAdded" } else { "messageAdded" };
        happened.id > start
            && (types.is_empty() || types.contains(&kind))
            && query.folder.as_ref().is_none_or(|folder| *folder == happened.folder)
    };
    let all: Vec<Value> = state
        .history
        .iter()
        .filter(wanted)
        .map(|happened| {
            let named = json!({"id": mail_id(happened.mail), "threadId": mail_id(happened.mail)});
            let id = happened.id.to_string();
            let label = answers::label_of(&happened.folder);
            match happened.moved {
                true => json!({"id": id, "labelsAdded": [{"message": named, "labelIds": [label]}]}),
                false => json!({"id": id, "messagesAdded": [{"message": named}]}),
            }
        })
        .collect();
    let mut answer = query.page("history", all)?;
    answer.insert("historyId".to_owned(), state.history_id().to_string().into());
    Ok(Json(answer.into()))
}

async fn list(Shared(simulator): Shared<Simulator>, RawQuery(query): RawQuery, headers: HeaderMap) -> Answer {
    let_in(&simulator, &headers)?;
    let query = Query::read(query)?;
    let state = simulator.world.lock();
    let search = query.one("q").unwrap_or_default();
    let mut found = Vec::new();
    for (folder, mail) in state.mails() {
        let in_label = query.folder.as_ref().is_none_or(|wanted| wanted == folder);
        let is_shown = folder != "Junk" || query.one("includeSpamTrash") == Some("true");
        if in_label && is_shown && answers::matches(mail, search)? {
            found.push(mail);
        }
    }
    found.sort_by_key(|mail| std::cmp::Reverse((mail.arrived, mail.id)));
    let named = found.iter().map(|mail| json!({"id": mail_id(mail.id), "threadId": mail_id(mail.thread)}));
    let mut answer = query.page("messages", named.collect())?;
    answer.insert("resultSizeEstimate".to_owned(), found.len().into());
    Ok(Json(answer.into()))
}

async fn read(
    Shared(simulator): Shared<Simulator>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Answer {
    let_in(&simulator, &headers)?;
    let query = Query::read(query)?;
    let state = simulator.world.lock();
    let number = mail_number(&id).ok_or_else(|| refuse(400, "invalidArgument", "Invalid id value"))?;
    let found = state.mails().find(|(_, mail)| mail.id == number);
    let (folder, mail) = found.ok_or_else(|| refuse(404, "notFound", "Requested entity was not found."))?;
    message(folder, mail, query.one("format").unwrap_or("full"), state.history_id()).map(Json)
}

async fn watch(Shared(simulator): Shared<Simulator>, headers: HeaderMap, Json(asked): Json<Value>) -> Answer {
    let_in(&simulator, &headers)?;
    let topic = asked.get("topicName").and_then(Value::as_str).unwrap_or_default();
    if !topic.starts_with("projects/") || !topic.contains("/topics/") {
        return Err(refuse(400, "invalidArgument", "Invalid topicName"));
    }
    if topic.ends_with("/not-allowed") {
        return Err(refuse(403, "forbidden", "User not authorized to perform this action."));
    }
    let labels = asked.get("labelIds").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if !labels.iter().all(|label| label.as_str().is_some_and(|label| folder_of(label).is_some())) {
        return Err(refuse(400, "invalidArgument", "Invalid label"));
    }
    let mut state = simulator.world.lock();
    state.watched.push(topic.to_owned());
    let expiration = (Utc::now() + TimeDelta::days(7)).timestamp_millis();
    Ok(Json(json!({"historyId": state.history_id().to_string(), "expiration": expiration.to_string()})))
}

/// A call's query, in which a name may stand several times.
struct Query {
    pairs: Vec<(String, String)>,
    /// Of the label it is about.
    folder: Option<String>,
}

impl Query {
    fn read(text: Option<String>) -> Result<Self, Refusal> {
        let pairs: Vec<(String, String)> =
            url::form_urlencoded::parse(text.unwrap_or_default().as_bytes()).into_owned().collect();
        let label = pairs.iter().find(|(name, _)| matches!(name.as_str(), "labelId" | "labelIds"));
        let folder = match label {
            None => None,
            Some((_, label)) => {
                let unknown = || refuse(400, "invalidArgument", "Invalid label");
                Some(folder_of(label).ok_or_else(unknown)?.to_owned())
            }
        };
        Ok(Self { pairs, folder })
    }

    fn one(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn all(&self, name: &str) -> Vec<&str> {
        self.pairs.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect()
    }

    /// One page of all there is.
    fn page(&self, name: &str, all: Vec<Value>) -> Result<Map<String, Value>, Refusal> {
        let invalid = |_| refuse(400, "invalidArgument", "Invalid pageToken");
        let from: usize = self.one("pageToken").map_or(Ok(0), str::parse).map_err(invalid)?;
        let mut answer = Map::new();
        let total = all.len();
        let page: Vec<Value> = all.into_iter().skip(from).take(PAGE).collect();
        if !page.is_empty() {
            answer.insert(name.to_owned(), page.into());
        }
        if from + PAGE < total {
            answer.insert("nextPageToken".to_owned(), (from + PAGE).to_string().into());
        }
        Ok(answer)
    }
}
