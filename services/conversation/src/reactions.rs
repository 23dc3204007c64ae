//! Reactions to a message: one author may have several, each emoji once.

use weft_domain::{Result, conversation::AuthorKind};
use weft_proto::events::v1::ReactionChanged;
use weft_store::Tx;

use crate::{
    events, show,
    store::{content::StoredReaction, entity::message},
};

/// As many as a message has at most: it has to fit into one event with them.
pub(crate) const MOST: usize = 100;

/// What happened to somebody's reactions.
#[derive(Debug, Default)]
pub(crate) struct Changed {
    removed: Vec<StoredReaction>,
    added: Option<StoredReaction>,
}

/// Adds a reaction that its author does not have yet; none: the message has as many as it can.
pub(crate) fn add(message: &mut message::Model, reaction: StoredReaction) -> Option<Changed> {
    let all = &mut message.content.reactions;
    if all.iter().any(|known| is_same(known, &reaction)) {
        return Some(Changed::default());
    }
    if all.len() >= MOST {
        return None;
    }
    all.push(reaction.clone());
    Some(Changed { added: Some(reaction), ..Changed::default() })
}

/// Takes those reactions of an author away that `which` names.
pub(crate) fn remove(
    message: &mut message::Model,
    author: &StoredReaction,
    which: impl Fn(&StoredReaction) -> bool,
) -> Changed {
    let all = std::mem::take(&mut message.content.reactions);
    let goes = |known: &StoredReaction| is_by_same(known, author) && which(known);
    let (removed, kept) = all.into_iter().partition(goes);
    message.content.reactions = kept;
    Changed { removed, ..Changed::default() }
}

impl Changed {
    /// Both.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.removed.extend(other.removed);
        self.added = self.added.or(other.added);
        self
    }

    /// Whether anything happened.
    pub(crate) fn is_something(&self) -> bool {
        self.added.is_some() || !self.removed.is_empty()
    }

    /// Tells everybody, the message as it is now among it.
    pub(crate) fn tell(&self, tx: &Tx, message: &message::Model) -> Result<()> {
        let conversation_id = show::conversation_id(message.conversation_id);
        let removed = self.removed.iter().map(|reaction| (reaction, true));
        for (reaction, removed) in removed.chain(self.added.iter().map(|reaction| (reaction, false))) {
            let change = ReactionChanged {
                conversation_id: conversation_id.clone(),
                message_id: show::message_id(message.id),
                author: show::reaction(reaction)?.author,
                emoji: reaction.emoji.clone(),
                removed,
            };
            tx.emit_event(&conversation_id, &change)?;
        }
        events::message_updated(tx, message)
    }
}

/// Whether it is of our side, which is one for the contact.
pub(crate) fn is_ours(reaction: &StoredReaction) -> bool {
    reaction.author_kind != AuthorKind::Contact.to_string()
}

fn is_same(one: &StoredReaction, other: &StoredReaction) -> bool {
    one.emoji == other.emoji && is_by_same(one, other)
}

fn is_by_same(one: &StoredReaction, other: &StoredReaction) -> bool {
    one.author_kind == other.author_kind
        && match (one.author_id, other.author_id) {
            (Some(one), Some(other)) => one == other,
            (None, None) => one.author_name == other.author_name,
            _ => false,
        }
}
