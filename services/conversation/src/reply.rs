//! What can be written in a conversation now, as far as the channel has told us.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;
use weft_domain::{
    Error, Result,
    conversation::{AuthorKind, Status},
};
use weft_proto::{conversation::v1::Reply, convert::timestamp, directory::v1::Capabilities};
use weft_store::Tx;

use crate::{
    show,
    store::{
        contact_lists,
        entity::{contact, conversation},
    },
};

/// Until when one may write, and whether one may now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Window {
    /// Without end.
    Always,
    /// Until then.
    Until(DateTime<Utc>),
    /// Not any more, or not before the contact writes; so many hours are allowed after that.
    Closed {
        /// How long one may write after the contact did.
        hours: u32,
        /// A template goes even so.
        templates: bool,
    },
}

impl Window {
    /// The window of a conversation on its channel.
    pub(crate) fn of(
        conversation: &conversation::Model,
        can: Option<&Capabilities>,
        now: DateTime<Utc>,
    ) -> Self {
        Self::within(conversation, can, now, can.map_or(0, |can| can.reply_window_hours))
    }

    /// The same for what somebody, or something, writes: for programs it may be shorter.
    pub(crate) fn for_writer(
        conversation: &conversation::Model,
        can: Option<&Capabilities>,
        now: DateTime<Utc>,
        kind: AuthorKind,
    ) -> Self {
        let shorter = can.map_or(0, |can| can.program_window_hours);
        if kind == AuthorKind::Agent || shorter == 0 {
            return Self::of(conversation, can, now);
        }
        Self::within(conversation, can, now, shorter)
    }

    fn within(
        conversation: &conversation::Model,
        can: Option<&Capabilities>,
        now: DateTime<Utc>,
        hours: u32,
    ) -> Self {
        if hours == 0 {
            return Self::Always;
        }
        match conversation.contact_wrote_at.map(|at| at + TimeDelta::hours(hours.into())) {
            Some(until) if until > now => Self::Until(until),
            _ => Self::Closed { hours, templates: can.is_some_and(|can| can.templates) },
        }
    }

    /// The end of what may be written now.
    pub(crate) fn end(&self) -> Option<DateTime<Utc>> {
        if let Self::Until(end) = self { Some(*end) } else { None }
    }
}

/// Why nothing goes now, or not this; none: it may.
pub(crate) fn refusal(
    conversation: &conversation::Model,
    window: &Window,
    is_template: bool,
) -> Option<Error> {
    if !is_live(conversation) {
        return Some(ended(conversation));
    }
    let Window::Closed { hours, templates } = window else { return None };
    if is_template && *templates {
        return None;
    }
    let words = if conversation.contact_wrote_at.is_some() {
        format!("more than {hours} hours have passed since the contact last wrote on this channel")
    } else {
        "the contact has not written on this channel yet".to_owned()
    };
    let instead = if *templates { "send one of the channel's templates, or move" } else { "move" };
    let words = format!(
        "{words}: it takes no words of your own until they write; {instead} the conversation to another channel of theirs"
    );
    Some(Error::precondition("reply_window_closed", words))
}

fn is_live(conversation: &conversation::Model) -> bool {
    conversation.status.parse().is_ok_and(|status: Status| status.is_live())
}

/// Why nothing is sent in a conversation that is over.
pub(crate) fn ended(conversation: &conversation::Model) -> Error {
    if let Some(into) = conversation.merged_into {
        return merged(into);
    }
    Error::precondition(
        "conversation_closed",
        "this conversation is closed; nothing can be sent in it any more",
    )
}

/// Refuses what would be written in a conversation whose messages are in another one.
pub(crate) fn not_merged(conversation: &conversation::Model) -> Result<()> {
    conversation.merged_into.map_or(Ok(()), |into| Err(merged(into)))
}

fn merged(into: Uuid) -> Error {
    let words =
        format!("this conversation became part of {}: go on in that one", show::conversation_id(into));
    Error::precondition("conversation_merged", words)
}

/// Why nothing goes to a contact.
pub(crate) const BLOCKED: &str = "the contact is blocked: nothing goes to them until somebody unblocks them";

/// Refuses what would go to a contact who is blocked.
pub(crate) fn may_go_to(contact: &contact::Model) -> Result<()> {
    if contact.blocked_at.is_some() { Err(blocked()) } else { Ok(()) }
}

/// Refuses what would go to a conversation's contact, if they are blocked.
pub(crate) async fn may_go(tx: &Tx, conversation: &conversation::Model) -> Result<()> {
    if contact_lists::is_blocked(tx, conversation.contact_id).await? { Err(blocked()) } else { Ok(()) }
}

/// Why nothing goes to a contact, as an answer.
pub(crate) fn blocked() -> Error {
    Error::precondition("contact_blocked", BLOCKED)
}

/// The same as the API shows it.
pub(crate) fn show(
    conversation: &conversation::Model,
    can: Option<&Capabilities>,
    (reachable, is_blocked): (bool, bool),
    now: DateTime<Utc>,
) -> Reply {
    let window = Window::of(conversation, can, now);
    let refused = refusal(conversation, &window, false).or_else(|| is_blocked.then(blocked));
    Reply {
        allowed: refused.is_none(),
        reason: refused.map(|error| error.message().to_owned()).unwrap_or_default(),
        until: window.end().map(timestamp),
        capabilities: can.cloned(),
        unreachable: !reachable,
        templates: is_live(conversation) && !is_blocked && can.is_some_and(|can| can.templates),
    }
}
