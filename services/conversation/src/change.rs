//! What our side changes of a message afterwards goes on to the provider, where that can be.

use uuid::Uuid;
use weft_domain::{Result, conversation::Direction, delivery::State};
use weft_proto::channel::v1::{Change, change, order};
use weft_store::Tx;

use crate::{
    deliver, events, reactions, reply, show,
    store::{
        contact_lists,
        content::StoredCopy,
        entity::{conversation, message},
        kinds::Kinds,
        messages,
    },
};

const CHANGING: &str = "changing";
const CHANGED: &str = "changed";
const UNCHANGED: &str = "unchanged";
/// Why a change does not reach the contact any more.
pub(crate) const MOVED: &str = "the conversation has moved to another channel since";

/// What is to change at the provider.
#[derive(Clone, Debug)]
pub(crate) enum What {
    /// The words are what the message now says.
    Edit,
    /// It is to go.
    Delete,
    /// A reaction came or went.
    React {
        /// Which.
        emoji: String,
        /// It went.
        removed: bool,
    },
}

/// Where a message of ours, or of the contact, is.
enum Whereabouts {
    /// With us alone.
    Here,
    /// On its way: nobody knows yet what the provider calls it.
    OnItsWay,
    /// At the provider.
    There,
    /// Nobody knows.
    Unclear,
}

impl What {
    /// Why this cannot be on the conversation's channel; none: it can.
    fn impossible(&self, conversation: &conversation::Model, kinds: &Kinds) -> Option<&'static str> {
        let can = kinds.get(&conversation.channel_kind);
        let (possible, words) = match self {
            Self::Edit => {
                (can.is_some_and(|can| can.edits), "on this channel nothing can be changed once it was sent")
            }
            Self::Delete => (
                can.is_some_and(|can| can.deletes),
                "on this channel nothing can be taken back once it was sent",
            ),
            Self::React { .. } => {
                (can.is_some_and(|can| can.reactions), "this channel takes no reactions from us")
            }
        };
        (!possible).then_some(words)
    }
}

/// Has the provider told of a change, and says what the contact sees until it has been; none: there is nothing to tell.
pub(crate) async fn carry(
    tx: &Tx,
    conversation: &conversation::Model,
    message: &mut message::Model,
    what: &What,
    kinds: &Kinds,
) -> Result<Option<StoredCopy>> {
    let unchanged = |reason: &str| {
        Ok(Some(StoredCopy {
            state: UNCHANGED.to_owned(),
            reason: reason.to_owned(),
            ..StoredCopy::default()
        }))
    };
    let whereabouts = whereabouts(conversation, message)?;
    if let Whereabouts::Here = whereabouts {
        return Ok(None);
    }
    if let Whereabouts::Unclear = whereabouts {
        return unchanged("nobody knows whether the message reached the contact");
    }
    if message.channel_id != conversation.channel_id {
        return unchanged(MOVED);
    }
    if let Some(words) = what.impossible(conversation, kinds) {
        return unchanged(words);
    }
    if !matches!(what, What::Delete) && contact_lists::is_blocked(tx, conversation.contact_id).await? {
        return unchanged(reply::BLOCKED);
    }
    let number = message.content.next_change();
    if let Whereabouts::There = whereabouts {
        tell(tx, conversation, message, what, number).await?;
    }
    Ok(Some(StoredCopy { number, state: CHANGING.to_owned(), reason: String::new() }))
}

/// Tells the provider what changed while the message was on its way.
pub(crate) async fn catch_up(
    tx: &Tx,
    conversation: &conversation::Model,
    message: &mut message::Model,
) -> Result<()> {
    if message.channel_id != conversation.channel_id {
        if settle(message, None, MOVED) {
            messages::save(tx, message).await?;
            events::message_updated(tx, message)?;
        }
        return Ok(());
    }
    let is_due = |copy: &&StoredCopy| copy.state == CHANGING;
    if let Some(copy) = message.content.copy.as_ref().filter(is_due) {
        let what = if message.deleted_at.is_some() { What::Delete } else { What::Edit };
        tell(tx, conversation, message, &what, copy.number).await?;
    }
    for reaction in &message.content.reactions {
        if let Some(copy) = reaction.copy.as_ref().filter(is_due) {
            let what = What::React { emoji: reaction.emoji.clone(), removed: false };
            tell(tx, conversation, message, &what, copy.number).await?;
        }
    }
    Ok(())
}

/// Notes that a message whose changes waited for it did not reach the contact as far as anybody knows.
pub(crate) fn give_up(message: &mut message::Model) {
    settle(message, None, "the message itself did not surely reach the contact");
}

/// Notes how a change ended: an empty reason says that the contact sees it. It answers whether anybody waited for that.
pub(crate) fn ended(message: &mut message::Model, number: u32, reason: &str) -> bool {
    settle(message, Some(number), reason)
}

/// Whether the end of this change is still waited for.
pub(crate) fn is_waited_for(message: &message::Model, number: u32) -> bool {
    let reactions = message.content.reactions.iter().filter_map(|reaction| reaction.copy.as_ref());
    message.content.copy.iter().chain(reactions).any(|copy| copy.number == number && copy.state == CHANGING)
}

fn settle(message: &mut message::Model, number: Option<u32>, reason: &str) -> bool {
    let content = &mut message.content;
    let reactions = content.reactions.iter_mut().filter_map(|reaction| reaction.copy.as_mut());
    let waiting = content.copy.iter_mut().chain(reactions).filter(|copy| copy.state == CHANGING);
    let mut any = false;
    for copy in waiting.filter(|copy| number.is_none_or(|number| number == copy.number)) {
        copy.state = if reason.is_empty() { CHANGED } else { UNCHANGED }.to_owned();
        copy.reason = reason.to_owned();
        any = true;
    }
    any
}

fn whereabouts(conversation: &conversation::Model, message: &message::Model) -> Result<Whereabouts> {
    if message.direction == Direction::Internal.to_string() {
        return Ok(Whereabouts::Here);
    }
    Ok(match show::stored::<State>(&message.state)? {
        State::Queued if is_ordered(conversation, message) => Whereabouts::OnItsWay,
        State::Queued | State::Failed => Whereabouts::Here,
        State::Sending => Whereabouts::OnItsWay,
        State::Unclear => Whereabouts::Unclear,
        State::Received | State::Sent | State::Delivered | State::Read => Whereabouts::There,
    })
}

/// Whether an adapter was told to send it as it was.
fn is_ordered(conversation: &conversation::Model, message: &message::Model) -> bool {
    conversation.delivering == Some(message.id) && message.due_at.is_none()
}

/// Whether a message of ours waits here, so that it can still be kept from going.
pub(crate) fn can_be_held(conversation: &conversation::Model, message: &message::Model) -> bool {
    message.state == State::Queued.to_string() && !is_ordered(conversation, message)
}

async fn tell(
    tx: &Tx,
    conversation: &conversation::Model,
    message: &message::Model,
    what: &What,
    number: u32,
) -> Result<()> {
    let change = match what {
        What::Edit => change::Change::Edit(change::Edit {
            text: message.text.clone(),
            under_file: !message.content.attachments.is_empty(),
            buttons: message.content.buttons.iter().map(show::button).collect(),
            rich: message.content.rich.as_ref().map(|rich| rich.0.clone()),
        }),
        What::Delete => change::Change::Delete(()),
        What::React { emoji, removed } => change::Change::React(change::React {
            emoji: emoji.clone(),
            removed: *removed,
            emojis: our_emojis(message),
        }),
    };
    let order = Change {
        message_id: show::message_id(message.id),
        conversation_id: show::conversation_id(conversation.id),
        thread_id: conversation.thread_id.clone(),
        number,
        provider_message_ids: messages::ids_on(tx, message).await?,
        change: Some(change),
    };
    order_change(tx, conversation, order)
}

/// Under the message's own key: what a provider does not answer holds back later changes of this message, and nothing that
/// is said.
pub(crate) fn order_change(tx: &Tx, conversation: &conversation::Model, order: Change) -> Result<()> {
    let channel = (conversation.channel_id, conversation.channel_kind.as_str());
    deliver::emit(tx, channel, &order.message_id.clone(), order::Order::Change(order))
}

/// The emojis that our side has on a message, each once.
fn our_emojis(message: &message::Model) -> Vec<String> {
    let mut emojis = Vec::new();
    for reaction in &message.content.reactions {
        if reactions::is_ours(reaction) && !emojis.contains(&reaction.emoji) {
            emojis.push(reaction.emoji.clone());
        }
    }
    emojis
}

/// Whether a message is this user's own.
pub(crate) fn is_own(message: &message::Model, user: Uuid) -> bool {
    message.direction != Direction::Inbound.to_string() && message.author_id == Some(user)
}
