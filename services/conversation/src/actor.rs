//! Who did something: it is kept with what they did, with the name they had then.

use uuid::Uuid;
use weft_domain::{Result, conversation::AuthorKind};
use weft_store::Tx;

use crate::{app::send_message::Writer, store::people};

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
        let person = people::person(tx, writer.user).await?;
        let name = person.map(|person| person.name).unwrap_or_default();
        Ok(Self { kind: writer.kind, id: Some(writer.user), name })
    }

    /// Whether it is this user, in person or through a program of theirs.
    pub(crate) fn is(&self, user: Uuid) -> bool {
        matches!(self.kind, AuthorKind::Agent | AuthorKind::Bot) && self.id == Some(user)
    }
}
