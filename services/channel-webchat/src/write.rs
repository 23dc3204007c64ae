//! What a visitor writes, whichever way it comes.

use serde::Deserialize;
use uuid::Uuid;
use weft_channel::{Media, MessageReceived};
use weft_domain::{Error, Result};

use crate::{
    Account,
    http::{Api, visitor::Visitor},
    inbound,
    session::Session,
    upload::Upload,
    visitor_fields,
};

/// The longest message of a visitor.
const MAX_TEXT_CHARS: usize = 4_000;
/// The most files of one message.
pub(crate) const MAX_FILES: usize = 10;

/// A message as pages give it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Written {
    pub(crate) client_id: String,
    #[serde(default)]
    text: String,
    /// What `POST …/files` gave.
    #[serde(default)]
    attachments: Vec<String>,
    /// The button that was touched.
    choice: Option<Choice>,
    /// Where the answer goes while nobody is here.
    email: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Choice {
    /// The number of our message with the button.
    seq: u64,
    payload: String,
}

/// Hands a visitor's message on; the same `client_id` is the same message.
pub(crate) async fn write(api: &Api, visitor: &Visitor, written: &Written) -> Result<Uuid> {
    let id = inbound::client_id(&written.client_id)?;
    let files = files(api, visitor, &written.attachments)?;
    let may_be_empty = written.choice.is_some() || !files.is_empty();
    let text = match written.text.trim() {
        "" if may_be_empty => String::new(),
        text => inbound::text("text", text, MAX_TEXT_CHARS)?,
    };
    let email = written.email.as_deref().map(|text| visitor_fields::email("email", text)).transpose()?;
    api.gate.message(&visitor.room).await?;
    may_write(api, visitor, email.is_some()).await?;
    let mut received = MessageReceived { text, media: files, ..MessageReceived::default() };
    if let Some(choice) = &written.choice {
        let chosen = api.history.chosen(&visitor.room, choice.seq, &choice.payload).await?;
        if received.text.is_empty() {
            received.text = chosen.title;
        }
        received.postback = Some(chosen.payload);
        received.reply_to = Some(chosen.message_id);
    }
    let mut session = visitor.session.clone();
    session.email = email.or(session.email);
    let event = inbound::message(&visitor.room, &session, id, received, api.clock.now());
    api.host.accept(&visitor.room.channel.to_string(), vec![event]).await?;
    Ok(id)
}

fn files(api: &Api, visitor: &Visitor, shown: &[String]) -> Result<Vec<Media>> {
    if shown.len() > MAX_FILES {
        let words = format!("a message has at most {MAX_FILES} files");
        return Err(Error::invalid_field("attachments", words));
    }
    let now = api.clock.now();
    let read = |token: &String| Upload::read(&visitor.chat.key, &visitor.room, token, now);
    shown.iter().map(|token| Ok(read(token)?.media())).collect()
}

/// Who the visitor is and the form come first, and while nobody is here an address for the answer.
pub(crate) async fn may_write(api: &Api, visitor: &Visitor, gives_email: bool) -> Result<()> {
    let account = api.host.account(&visitor.room.channel.to_string()).await?;
    may_send_files(&account.settings, &visitor.session)?;
    let reachable = gives_email || visitor.session.email.is_some();
    if !reachable && !api.desk.presence(&account, api.clock.now()).await.answering {
        let words = "nobody is here now: give `email` with the message, so that it can be answered";
        return Err(Error::precondition("email_needed", words).with_field("email"));
    }
    Ok(())
}

/// What does not have to wait for the message: the address may come with it.
pub(crate) fn may_send_files(settings: &Account, session: &Session) -> Result<()> {
    if settings.require_identity && session.user.is_none() {
        return Err(crate::admit::identity_needed());
    }
    let asks = settings.pre_chat.iter().any(|question| question.required);
    if asks && !session.answered {
        let words = "fill in the form first: open the session with `answers`";
        return Err(Error::precondition("form_needed", words).with_field("answers"));
    }
    Ok(())
}
