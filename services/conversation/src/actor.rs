//! Who did something: it is kept with what they did, with the name they had then.

use uuid::Uuid;
use weft_auth::{Principal, Subject};
use weft_domain::{Result, conversation::AuthorKind};
use weft_store::Tx;

use crate::store::people;

/// Who writes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Writer {
    /// Themselves, or whose token it is.
    pub(crate) user: Uuid,
    /// A person or a program.
    pub(crate) kind: AuthorKind,
    /// A person who sees what is there as they write: they have read it.
    is_here: bool,
}

impl Writer {
    /// The caller.
    pub(crate) fn of(principal: &Principal) -> Self {
        let kind = match principal.subject {
            Subject::User(..) => AuthorKind::Agent,
            Subject::Token(..) => AuthorKind::Bot,
        };
        Self { user: principal.user().uuid(), kind, is_here: kind == AuthorKind::Agent }
    }

    /// Whether it is a person who is here.
    pub(crate) fn is_here(&self) -> bool {
        self.is_here
    }

    /// Nobody: it is said by itself.
    pub(crate) fn nobody() -> Self {
        Self { user: Uuid::nil(), kind: AuthorKind::System, is_here: false }
    }

    /// Whose it is, if somebody's.
    pub(crate) fn id(&self) -> Option<Uuid> {
        Some(self.user).filter(|_| self.kind != AuthorKind::System)
    }

    /// Who wrote it before, and may be anywhere now.
    pub(crate) fn before(user: Uuid, kind: AuthorKind) -> Self {
        Self { user, kind, is_here: false }
    }
}

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Actor {
    /// A person of ours, a program, the contact, or nobody.
    pub(crate) kind: AuthorKind,
    /// The user or contact.
    pub(crate) id: Option<Uuid>,
    /// Their name.
    pub(crate) name: String,
}

impl Actor {
    /// Nobody: it happened by itself.
    pub(crate) fn system() -> Self {
        Self { kind: AuthorKind::System, id: None, name: String::new() }
    }

    /// Whoever writes or decides.
    pub(crate) async fn of(tx: &Tx, writer: &Writer) -> Result<Self> {
        let id = writer.id();
        let person = match id {
            Some(user) => people::person(tx, user).await?,
            None => None,
        };
        Ok(Self { kind: writer.kind, id, name: person.map(|person| person.name).unwrap_or_default() })
    }

    /// Whether it is this user, in person or through a program of theirs.
    pub(crate) fn is(&self, user: Uuid) -> bool {
        matches!(self.kind, AuthorKind::Agent | AuthorKind::Bot) && self.id == Some(user)
    }
}
