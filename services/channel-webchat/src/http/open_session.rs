use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Response},
};
use chrono::{DateTime, Utc};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use weft_domain::{Error, ErrorCode, Result};
use weft_web::{ClientAddress, Json};

use super::{
    Api,
    visitor::{Chat, bearer, chat},
};
use crate::session::Session;

const MAX_NAME_CHARS: usize = 100;
const MAX_EMAIL_CHARS: usize = 254;

/// What a page says of its visitor.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    visitor_id: Option<Uuid>,
    name: Option<String>,
    email: Option<String>,
}

#[derive(Debug, Serialize)]
struct Opened {
    session_token: String,
    session_id: Uuid,
    visitor_id: Uuid,
    expires_at: DateTime<Utc>,
    /// Where the visitor's history begins, for `GET …/messages?after_seq=`.
    after_seq: u64,
}

/// `POST /webchat/{channel_id}/sessions`: opens a session, or renews the one whose token is shown.
pub(super) async fn handle(
    State(api): State<Arc<Api>>,
    Path(channel_id): Path<String>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    Json(asked): Json<Asked>,
) -> weft_web::Result<Response> {
    let chat = chat(&api, &channel_id, &headers, address).await?;
    api.gate.session(address).await?;
    let known = bearer(&headers).map(|token| chat.visitor(token, &api)).transpose()?;
    let session = session(&api, &chat, known.map(|visitor| visitor.session), asked)?;
    let opened = Opened {
        session_token: session.token(&chat.key)?,
        session_id: session.id,
        visitor_id: session.visitor,
        expires_at: session.expires_at,
        after_seq: 0,
    };
    Ok((StatusCode::CREATED, Json(opened)).into_response())
}

fn session(api: &Api, chat: &Chat, known: Option<Session>, asked: Asked) -> Result<Session> {
    let name = short("name", asked.name, MAX_NAME_CHARS)?;
    let email = short("email", asked.email, MAX_EMAIL_CHARS)?;
    if email.as_ref().is_some_and(|email| !email.contains('@')) {
        return Err(Error::invalid_field("email", "`email` must be an e-mail address"));
    }
    // a visitor's id is no secret: only a token proves that it is one's own
    if asked.visitor_id.is_some() && asked.visitor_id != known.as_ref().map(|session| session.visitor) {
        let words = "show this visitor's session token, or leave `visitor_id` out";
        return Err(Error::new(ErrorCode::Forbidden, "visitor_not_proven", words).with_field("visitor_id"));
    }
    let now = api.clock.now();
    let begun = known.unwrap_or_else(|| Session {
        id: Uuid::now_v7(),
        channel: chat.account.channel_id,
        visitor: Uuid::new_v4(),
        expires_at: now,
        name: None,
        email: None,
    });
    let expires_at = DateTime::from_timestamp((now + api.config.session_life()).timestamp(), 0);
    Ok(Session {
        name: name.or(begun.name),
        email: email.or(begun.email),
        expires_at: expires_at.unwrap_or(now),
        ..begun
    })
}

fn short(field: &str, given: Option<String>, most: usize) -> Result<Option<String>> {
    let text = given.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    if text.as_ref().is_some_and(|text| text.chars().count() > most) {
        let words = format!("`{field}` must be at most {most} characters long");
        return Err(Error::invalid("too_long", words).with_field(field));
    }
    if text.as_ref().is_some_and(|text| text.contains(char::is_control)) {
        return Err(Error::invalid_field(field, format!("`{field}` must be one line of text")));
    }
    Ok(text)
}
