use std::{
    borrow::Cow,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use chrono::Utc;
use http::StatusCode;
use weft_domain::{Clock, TenantId, id::ChannelId};
use weft_proto::{
    channel::v1::Outbound,
    directory::v1::channel_log_entry::{Direction, Outcome},
};

use super::{ChannelLog, Note};
use crate::{Retry, SendError, SetupError, TransportError};

/// Longer codes of providers are texts.
const MOST_OF_CODE: usize = 64;

/// Notes the calls of one undertaking. The newest is held back until it is known what the adapter made of the answer: many
/// providers say with status 200 that they refuse.
pub(crate) struct CallNotes {
    log: Arc<ChannelLog>,
    clock: Arc<dyn Clock>,
    blank: Note,
    /// It asks what is new. That there is an answer is no news: an account that is asked every few seconds costs nothing.
    polls: bool,
    begun: Instant,
    newest: Mutex<Option<Note>>,
}

/// What the adapter made of an undertaking.
pub(crate) enum Ended<'a> {
    Well,
    Sending(&'a SendError),
    Connecting(&'a SetupError),
}

impl CallNotes {
    pub(crate) fn new(
        log: Arc<ChannelLog>,
        clock: Arc<dyn Clock>,
        account: (TenantId, ChannelId),
        undertaking: &'static str,
    ) -> Self {
        let blank = Note::new(account, clock.now(), (Direction::Outbound, undertaking));
        Self { log, clock, blank, polls: false, begun: Instant::now(), newest: Mutex::default() }
    }

    /// It is for this message.
    pub(crate) fn of_message(mut self, message: &Outbound) -> Self {
        self.blank.attempt = message.attempt;
        self.blank.message_id.clone_from(&message.message_id);
        self
    }

    /// It asks what is new: what goes well is left out, and what fails is no call that people wait for.
    pub(crate) fn of_poll(mut self) -> Self {
        self.polls = true;
        self.blank.direction = Direction::Inbound;
        self
    }

    /// A call has been made.
    pub(crate) fn called(
        &self,
        class: &'static str,
        took: Duration,
        answer: Result<(StatusCode, usize), &TransportError>,
    ) {
        let mut note =
            Note { operation: self.operation(class), took, at: self.clock.now(), ..self.blank.clone() };
        match answer {
            Ok((status, bytes)) => {
                let worked = !status.is_client_error() && !status.is_server_error();
                note.outcome = if worked { Outcome::Ok } else { Outcome::Failed };
                note.code = Cow::Owned(status.as_u16().to_string());
                note.bytes = bytes;
            }
            Err(error) => {
                note.outcome = Outcome::Failed;
                note.code = Cow::Borrowed(code(error));
                note.detail = error.to_string();
            }
        }
        self.hold(Some(note));
    }

    /// A call was not made, for this reason.
    pub(crate) fn left_out(&self, class: &'static str, code: &'static str, detail: &str) {
        self.hold(Some(Note {
            operation: self.operation(class),
            outcome: Outcome::Refused,
            code: Cow::Borrowed(code),
            detail: detail.to_owned(),
            at: self.clock.now(),
            ..self.blank.clone()
        }));
    }

    /// The undertaking, or a part of it that sends a message, has ended.
    pub(crate) fn ended(&self, ended: Ended<'_>) {
        let newest = self.lock().take();
        let (error, detail) = match ended {
            // what goes well without a call is worth a line when it is a message
            Ended::Well => return self.push(newest.or_else(|| self.of_no_call())),
            Ended::Sending(error) => (Some(error), error.to_string()),
            Ended::Connecting(error @ SetupError::Provider(why)) => (Some(why), error.to_string()),
            Ended::Connecting(error) => (None, error.to_string()),
        };
        let own = || Note { at: self.clock.now(), took: self.begun.elapsed(), ..self.blank.clone() };
        let mut note = newest.unwrap_or_else(own);
        if note.outcome != Outcome::Refused {
            note.outcome = Outcome::Failed;
            note.detail = detail;
        }
        note.code = match error {
            Some(error) => name(error, note.code),
            None => Cow::Borrowed("settings"),
        };
        note.throttled_until = error.and_then(|error| self.throttled(error));
        self.push(Some(note));
    }

    fn operation(&self, class: &'static str) -> &'static str {
        if self.polls { self.blank.operation } else { class }
    }

    fn of_no_call(&self) -> Option<Note> {
        let is_message = self.blank.attempt > 0;
        is_message.then(|| Note { at: self.clock.now(), took: self.begun.elapsed(), ..self.blank.clone() })
    }

    fn throttled(&self, error: &SendError) -> Option<chrono::DateTime<Utc>> {
        let Retry::After(wait) = error.retry() else { return None };
        Some(self.clock.now() + wait)
    }

    fn hold(&self, note: Option<Note>) {
        let before = std::mem::replace(&mut *self.lock(), note);
        self.push(before);
    }

    fn push(&self, note: Option<Note>) {
        let Some(note) = note else { return };
        if !(self.polls && note.outcome == Outcome::Ok) {
            self.log.note(note);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Note>> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for CallNotes {
    fn drop(&mut self) {
        self.hold(None);
    }
}

fn code(error: &TransportError) -> &'static str {
    match error {
        TransportError::Refused { .. } => "address_refused",
        TransportError::Unreachable { .. } => "unreachable",
        TransportError::Interrupted { .. } => "no_answer",
        TransportError::TooLarge => "too_large",
        TransportError::NoAccess { .. } => "no_access_token",
    }
}

/// The provider's own code where it gave one, else its status, else our word.
fn name(error: &SendError, status: Cow<'static, str>) -> Cow<'static, str> {
    let is_code = |code: &str| {
        (1..=MOST_OF_CODE).contains(&code.len())
            && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
    };
    match error {
        SendError::Rejected { code, .. } if is_code(code) => Cow::Owned(code.clone()),
        _ if !status.is_empty() && !status.starts_with('2') => status,
        SendError::Rejected { .. } => Cow::Borrowed("rejected"),
        other => Cow::Owned(other.code().to_owned()),
    }
}
