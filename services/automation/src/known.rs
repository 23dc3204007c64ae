//! What is known of a conversation, and what news makes of it.

use chrono::{DateTime, Utc};
use uuid::Uuid;
use weft_domain::{Error, Result, conversation::Status, id};
use weft_proto::{conversation::v1::Conversation, convert::time};

use crate::store::conversations::Model;

/// A conversation as it was shown at some moment.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) id: Uuid,
    status: Status,
    assignee: Option<Uuid>,
    since: DateTime<Utc>,
    last_seq: i64,
    changed_at: DateTime<Utc>,
}

impl Seen {
    /// Reads what we need of it.
    pub(crate) fn read(shown: &Conversation) -> Result<Self> {
        let instant = |at: Option<&_>| at.and_then(time).ok_or_else(|| missing("an instant"));
        let assignee = shown.assignee.as_deref().filter(|user| !user.is_empty());
        Ok(Self {
            id: id::parse::<id::Conversation>("conversation.id", &shown.id)?.uuid(),
            // A status of a later release: somebody works on it, for all we know.
            status: shown.status().as_str_name().parse().unwrap_or(Status::Pending),
            assignee: assignee
                .map(|user| id::parse::<id::User>("assignee", user))
                .transpose()?
                .map(|id| id.uuid()),
            since: instant(shown.waiting_since.as_ref().or(shown.created_at.as_ref()))?,
            last_seq: i64::try_from(shown.last_seq).unwrap_or(i64::MAX),
            changed_at: instant(shown.updated_at.as_ref())?,
        })
    }

    /// What is known after this; none when it is older than what is known already.
    pub(crate) fn after(&self, tenant: Uuid, before: Option<&Model>) -> Option<Model> {
        // The number first: it is handed out under the conversation's lock, while clocks of replicas differ.
        let is_old = |known: &&Model| (self.last_seq, self.changed_at) < (known.last_seq, known.changed_at);
        if before.as_ref().is_some_and(is_old) { None } else { Some(self.over(tenant, before)) }
    }

    /// What is known after this, how old it may be.
    pub(crate) fn over(&self, tenant: Uuid, before: Option<&Model>) -> Model {
        let mut row = before.cloned().unwrap_or_else(|| self.unknown(tenant));
        let was_somebodys = row.assignee.is_some();
        row.status = self.status.to_string();
        row.assignee = self.assignee;
        row.since = self.since;
        (row.last_seq, row.changed_at) = (row.last_seq, row.changed_at).max((self.last_seq, self.changed_at));
        if self.assignee.is_some() || !is_unresolved(self.status) {
            row.held = false;
            row.forget_choice();
        } else if was_somebodys {
            // We never take a conversation from anybody, so a person did.
            row.held = true;
            row.forget_choice();
        }
        row.settle_waiting();
        row
    }

    fn unknown(&self, tenant: Uuid) -> Model {
        Model {
            tenant_id: tenant,
            id: self.id,
            status: self.status.to_string(),
            assignee: None,
            since: self.since,
            last_seq: self.last_seq,
            changed_at: self.changed_at,
            held: false,
            waiting: false,
            chosen: None,
            decision: None,
            due_at: None,
            attempts: 0,
        }
    }
}

impl Model {
    /// Whose load it is part of, be it by a decision that is still to be carried out.
    pub(crate) fn holder(&self) -> Option<Uuid> {
        let status: Status = self.status.parse().ok()?;
        if is_unresolved(status) { self.assignee.or(self.chosen) } else { None }
    }

    /// Notes who is to get it.
    pub(crate) fn choose(&mut self, user: Uuid, now: DateTime<Utc>) {
        self.chosen = Some(user);
        self.decision = Some(Uuid::now_v7());
        self.due_at = Some(now);
        self.attempts = 0;
        self.settle_waiting();
    }

    /// Takes a decision back.
    pub(crate) fn forget_choice(&mut self) {
        (self.chosen, self.decision, self.due_at, self.attempts) = (None, None, None, 0);
        self.settle_waiting();
    }

    /// It is no more.
    pub(crate) fn vanish(&mut self) {
        self.status = Status::Closed.to_string();
        self.forget_choice();
    }

    fn settle_waiting(&mut self) {
        let nobodys = self.assignee.is_none() && self.chosen.is_none();
        self.waiting = nobodys && !self.held && self.status == Status::Open.to_string();
    }
}

fn is_unresolved(status: Status) -> bool {
    !matches!(status, Status::Resolved | Status::Closed)
}

fn missing(what: &str) -> Error {
    Error::invalid("unreadable_event", format!("the conversation has no {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(last_seq: i64, changed_at: i64, status: Status, assignee: Option<u128>) -> Seen {
        let instant = |seconds| DateTime::from_timestamp(seconds, 0).unwrap_or_default();
        Seen {
            id: Uuid::from_u128(1),
            status,
            assignee: assignee.map(Uuid::from_u128),
            since: instant(0),
            last_seq,
            changed_at: instant(changed_at),
        }
    }

    #[test]
    fn the_number_says_what_is_newer_and_the_clock_only_what_the_number_leaves_open() {
        let known = seen(5, 100, Status::Open, None).over(Uuid::nil(), None);
        let is_news = |last_seq, at| {
            seen(last_seq, at, Status::Closed, None).after(Uuid::nil(), Some(&known)).is_some()
        };
        assert!(is_news(6, 90), "another replica's clock may be behind");
        assert!(is_news(5, 101) && is_news(5, 100));
        assert!(!is_news(5, 99) && !is_news(4, 101));
    }

    #[test]
    fn a_conversation_is_held_when_it_is_taken_from_somebody_and_until_it_is_somebodys_or_done() {
        let (open, done) = (Status::Open, Status::Resolved);
        let steps = [
            (open, None, false, true),
            (open, Some(7), false, false),
            (open, None, true, false),
            (Status::Pending, None, true, false),
            (open, None, true, false),
            (done, None, false, false),
            (open, None, false, true),
            (done, Some(7), false, false),
            (done, None, false, false),
            (open, None, false, true),
        ];
        let mut row: Option<Model> = None;
        for (step, (status, assignee, held, waiting)) in (1..).zip(steps) {
            let after = seen(step, step, status, assignee).over(Uuid::nil(), row.as_ref());
            assert_eq!((after.held, after.waiting), (held, waiting), "step {step}");
            row = Some(after);
        }
    }

    #[test]
    fn a_decision_counts_until_somebody_has_it_or_it_is_done() {
        let mut row = seen(1, 1, Status::Open, None).over(Uuid::nil(), None);
        assert_eq!(row.holder(), None);
        row.choose(Uuid::from_u128(7), DateTime::<Utc>::UNIX_EPOCH);
        assert_eq!((row.holder(), row.waiting), (Some(Uuid::from_u128(7)), false));
        let stays = seen(2, 2, Status::Snoozed, None).over(Uuid::nil(), Some(&row));
        assert_eq!(stays.decision, row.decision);
        let taken = seen(2, 2, Status::Open, Some(8)).over(Uuid::nil(), Some(&row));
        assert_eq!((taken.holder(), taken.decision, taken.due_at), (Some(Uuid::from_u128(8)), None, None));
        let done = seen(2, 2, Status::Closed, None).over(Uuid::nil(), Some(&row));
        assert_eq!((done.holder(), done.decision, done.waiting), (None, None, false));
    }
}
