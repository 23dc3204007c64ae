//! Lets a visitor in, whichever way they come.

use std::collections::BTreeMap;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use weft_channel::MessageReceived;
use weft_crypto::sign::hmac_sign;
use weft_domain::{Error, ErrorCode, Result};

use crate::{
    form,
    http::{
        Api,
        visitor::{Chat, Visitor},
    },
    identity::{self, Proof, Proven},
    inbound,
    session::Session,
    visitor_fields::{email, line, phone},
    write::may_write,
};

const MAX_NAME_CHARS: usize = 100;

/// What a page says of its visitor.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// The page's own id of this request: asked again with it, because the answer was lost, it opens the same session.
    client_id: Option<Uuid>,
    visitor_id: Option<Uuid>,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    /// To the questions of the channel's form, by name.
    answers: Option<BTreeMap<String, String>>,
    /// Who it is, signed by the tenant's server.
    identity: Option<Proof>,
}

/// A session, as the page keeps it.
#[derive(Debug, Serialize)]
pub(crate) struct Opened {
    session_token: String,
    session_id: Uuid,
    visitor_id: Uuid,
    /// Whether the tenant's server vouched for the visitor.
    proven: bool,
    expires_at: DateTime<Utc>,
    /// Where the visitor's history begins, for `GET …/messages?after_seq=`.
    after_seq: u64,
}

/// Opens a session, or renews the one that is shown.
pub(crate) async fn admit(api: &Api, chat: &Chat, known: Option<Session>, asked: Asked) -> Result<Visitor> {
    let now = api.clock.now();
    let proven = asked
        .identity
        .as_ref()
        .map(|proof| identity::prove(&chat.account.settings, proof, now))
        .transpose()?;
    let begun = Begun::of(chat, asked.client_id)?;
    let (mut session, message) = session(chat, known, begun, proven, asked, now)?;
    let expires_at = DateTime::from_timestamp((now + api.config.session_life()).timestamp(), 0);
    session.expires_at = expires_at.unwrap_or(now);
    let visitor = chat.admit(session);
    if let Some(text) = message {
        say(api, &visitor, text).await?;
    }
    Ok(visitor)
}

impl Opened {
    /// What a page is told of its session.
    pub(crate) fn of(visitor: &Visitor) -> Result<Self> {
        let session = &visitor.session;
        Ok(Self {
            session_token: session.token(&visitor.chat.key)?,
            session_id: session.id,
            visitor_id: session.visitor,
            proven: session.user.is_some(),
            expires_at: session.expires_at,
            after_seq: 0,
        })
    }
}

/// The refusal of a visitor for whom nobody vouches.
pub(crate) fn identity_needed() -> Error {
    let words = "show who the visitor is: send `identity`, signed by your server";
    Error::unauthenticated("identity_needed", words).with_field("identity")
}

/// Who a visitor is, and in which session, when nothing else says so.
struct Begun {
    session: Uuid,
    visitor: Uuid,
}

impl Begun {
    /// Without a `client_id` nobody has seen them before.
    fn of(chat: &Chat, client_id: Option<Uuid>) -> Result<Self> {
        let Some(client_id) = client_id else {
            return Ok(Self { session: Uuid::now_v7(), visitor: Uuid::new_v4() });
        };
        // whoever guesses it is that visitor
        if client_id.get_version() != Some(uuid::Version::Random) {
            let words = "`client_id` must be a random UUID (version 4)";
            return Err(Error::invalid_field("client_id", words));
        }
        let id = |purpose: &[u8]| -> Result<Uuid> {
            let channel = chat.account.channel_id.uuid();
            // a signature has an end, these ids have none
            let mac = hmac_sign(
                &chat.key,
                &[purpose, channel.as_bytes(), client_id.as_bytes()],
                DateTime::UNIX_EPOCH,
            );
            let digest = BASE64_URL_SAFE_NO_PAD.decode(mac).map_err(Error::internal)?;
            let bytes =
                digest.first_chunk().ok_or_else(|| Error::internal("a signature is 32 bytes long"))?;
            Ok(uuid::Builder::from_random_bytes(*bytes).into_uuid())
        };
        Ok(Self { session: id(b"weft webchat first session")?, visitor: id(b"weft webchat first visitor")? })
    }
}

/// The session, and what the form's answers have to say.
fn session(
    chat: &Chat,
    known: Option<Session>,
    fresh: Begun,
    proven: Option<Proven>,
    asked: Asked,
    now: DateTime<Utc>,
) -> Result<(Session, Option<String>)> {
    let settings = &chat.account.settings;
    // a visitor's id is no secret: only a token proves that it is one's own
    if asked.visitor_id.is_some() && asked.visitor_id != known.as_ref().map(|session| session.visitor) {
        let words = "show this visitor's session token, or leave `visitor_id` out";
        return Err(Error::new(ErrorCode::Forbidden, "visitor_not_proven", words).with_field("visitor_id"));
    }
    // who was vouched for is vouched for again: whoever has signed out there does not stay signed in here
    let was_proven = known.as_ref().is_some_and(|session| session.user.is_some());
    if proven.is_none() && (was_proven || settings.require_identity) {
        return Err(identity_needed());
    }
    let proven_id = proven.as_ref().map(|proven| identity::visitor_of(chat.account.channel_id, &proven.user));
    let same_person = |session: &Session| proven_id.is_none_or(|id| id == session.visitor);
    let begun = known.filter(same_person).unwrap_or_else(|| Session {
        id: fresh.session,
        channel: chat.account.channel_id,
        visitor: proven_id.unwrap_or(fresh.visitor),
        expires_at: now,
        name: None,
        email: None,
        phone: None,
        user: None,
        answered: false,
    });
    let short = |text: String| line("name", &text, MAX_NAME_CHARS);
    let name = asked.name.map(short).transpose()?.filter(|name| !name.is_empty());
    let mail =
        asked.email.filter(|text| !text.trim().is_empty()).map(|text| email("email", &text)).transpose()?;
    let number =
        asked.phone.filter(|text| !text.trim().is_empty()).map(|text| phone("phone", &text)).transpose()?;
    let answers = asked.answers.map(|given| form::read(&settings.pre_chat, &given)).transpose()?;
    let answered = answers.is_some() || begun.answered;
    let answers = answers.unwrap_or_default();
    // what the tenant's server says goes before what the visitor does
    let Proven { user, name: known_name, email: known_email, phone: known_phone } = match proven {
        Some(proven) => proven,
        None => Proven { user: String::new(), name: None, email: None, phone: None },
    };
    let session = Session {
        name: known_name.or(answers.name).or(name).or(begun.name),
        email: known_email.or(answers.email).or(mail).or(begun.email),
        phone: known_phone.or(answers.phone).or(number).or(begun.phone),
        user: Some(user).filter(|user| !user.is_empty()),
        answered,
        ..begun
    };
    Ok((session, answers.message))
}

/// The form's answers are the visitor's first message; answered twice in one session they are still one.
async fn say(api: &Api, visitor: &Visitor, text: String) -> Result<()> {
    api.gate.message(&visitor.room).await?;
    may_write(api, visitor, false).await?;
    let content = MessageReceived { text, ..MessageReceived::default() };
    let event =
        inbound::message(&visitor.room, &visitor.session, visitor.session.id, content, api.clock.now());
    api.host.accept(&visitor.room.channel.to_string(), vec![event]).await
}
