use std::{borrow::Cow, time::Duration};

use weft_domain::Error;
use weft_proto::directory::v1::channel_log_entry::{Direction, Outcome};

use super::Note;
use crate::{
    Adapter, Received,
    host::{core::Core, live_account::LiveAccount},
};

/// What came in at once, in numbers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Brought {
    /// How it came: `webhook`, `poll`.
    pub(crate) by: &'static str,
    pub(crate) took: Duration,
    pub(crate) bytes: usize,
    /// What is worth knowing although it was taken.
    pub(crate) remark: &'static str,
    pub(crate) events: usize,
    pub(crate) unreadable: Option<String>,
    pub(crate) left_out: Option<&'static str>,
}

impl Brought {
    /// Counts what an adapter understood.
    pub(crate) fn of(by: &'static str, received: &Received) -> Self {
        Self {
            by,
            events: received.events.len(),
            unreadable: received.unreadable.first().map(|entry| entry.why.clone()),
            left_out: received.ignored.first().map(|entry| entry.reason),
            ..Self::default()
        }
    }

    /// So many events that nobody had to understand.
    pub(crate) fn events(by: &'static str, events: usize) -> Self {
        Self { by, events, ..Self::default() }
    }
}

impl<A: Adapter> Core<A> {
    /// Notes what came in, and is kept.
    pub(crate) fn note_brought(&self, account: &LiveAccount<A::Account>, brought: Brought) {
        let blank = self.blank(account, &brought);
        let (outcome, code, detail) = match (brought.unreadable, brought.left_out) {
            (Some(why), _) => (Outcome::Failed, "unreadable", why),
            (None, left_out) => (Outcome::Ok, brought.remark, left_out.unwrap_or_default().to_owned()),
        };
        self.log.note(Note { outcome, code: Cow::Borrowed(code), detail, events: brought.events, ..blank });
    }

    /// Notes what came in and was not taken.
    pub(crate) fn note_not_taken(
        &self,
        account: &LiveAccount<A::Account>,
        brought: &Brought,
        code: Cow<'static, str>,
        error: &Error,
    ) {
        let outcome = if error.code().is_ours() { Outcome::Failed } else { Outcome::Refused };
        let detail = error.message().to_owned();
        self.log.note(Note { outcome, code, detail, ..self.blank(account, brought) });
    }

    fn blank(&self, account: &LiveAccount<A::Account>, brought: &Brought) -> Note {
        let whose = (account.tenant_id, account.channel_id);
        let blank = Note::new(whose, self.clock.now(), (Direction::Inbound, brought.by));
        Note { took: brought.took, bytes: brought.bytes, ..blank }
    }
}
