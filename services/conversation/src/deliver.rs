//! A message's way out: one at a time per conversation, every attempt numbered.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;
use weft_bus::subject;
use weft_domain::{Result, conversation::AuthorKind, delivery::State, partition};
use weft_proto::{
    channel::v1::{Order, Outbound, order},
    convert::timestamp,
};
use weft_store::{Outgoing, Tx};

use crate::{
    change, events,
    notify::Notices,
    reply, show,
    store::{
        contact_lists, conversations,
        entity::{conversation, message},
        messages,
    },
};

/// How long a message is worth sending. A late "your table is ready" is worse than a failed one (OUT-4).
pub(crate) const WORTH_SENDING: TimeDelta = TimeDelta::hours(24);

/// What was said by itself answers the moment.
const WORTH_SAYING: TimeDelta = TimeDelta::hours(1);

/// How long somebody's message is worth sending.
pub(crate) fn worth_sending(kind: AuthorKind) -> TimeDelta {
    if kind == AuthorKind::System { WORTH_SAYING } else { WORTH_SENDING }
}

const MOVED: &str =
    "the channel before may or may not have got this message; send it again here, or leave it";

/// Why a message did not go that its writer deleted.
pub(crate) const TAKEN_BACK: &str = "deleted before it was sent";

/// Gives the free turn of a conversation to the oldest message that waits for one.
pub(crate) async fn release_next(
    tx: &Tx,
    conversation: &mut conversation::Model,
    notices: &mut Notices,
) -> Result<()> {
    if conversation.delivering.is_some() {
        return Ok(());
    }
    while let Some(mut next) = messages::next_queued(tx, conversation.id).await? {
        if contact_lists::is_blocked(tx, conversation.contact_id).await? {
            end(tx, &mut next, State::Failed, Some(reply::BLOCKED.to_owned())).await?;
            notices.failed(&next);
            continue;
        }
        if may_have_gone_elsewhere(conversation, &next) {
            end(tx, &mut next, State::Unclear, Some(MOVED.to_owned())).await?;
            continue;
        }
        conversation.delivering = Some(next.id);
        // What was put off keeps its place: later messages wait behind it until it is due.
        return if next.due_at.is_none() { order_now(tx, conversation, &next).await } else { Ok(()) };
    }
    Ok(())
}

/// On the channel it was tried on it could be repeated; on another one the contact might get it twice.
fn may_have_gone_elsewhere(conversation: &conversation::Model, message: &message::Model) -> bool {
    message.repeatable && message.channel_id != conversation.channel_id
}

/// Gives the conversation's turn back after `message` has ended, and releases the next one.
pub(crate) async fn finish(
    tx: &Tx,
    conversation: &mut conversation::Model,
    message: &message::Model,
    notices: &mut Notices,
) -> Result<()> {
    if conversation.delivering == Some(message.id) {
        conversation.delivering = None;
    }
    release_next(tx, conversation, notices).await?;
    conversations::save(tx, conversation).await
}

/// Puts a message back in the queue as a new attempt: not before `due`, if that is given.
pub(crate) async fn again(
    tx: &Tx,
    conversation: &mut conversation::Model,
    message: &mut message::Model,
    (due, reason): (Option<DateTime<Utc>>, Option<String>),
    notices: &mut Notices,
) -> Result<()> {
    if message.deleted_at.is_some() {
        // taken back while it was tried
        end(tx, message, State::Failed, Some(TAKEN_BACK.to_owned())).await?;
        return finish(tx, conversation, message, notices).await;
    }
    message.state = State::Queued.to_string();
    message.attempt += 1;
    message.due_at = due;
    message.state_reason = reason;
    go_on(tx, conversation, message, notices).await
}

/// Has a message that went, or may have gone, over another channel go over the conversation's own one.
pub(crate) fn bring_over(conversation: &conversation::Model, message: &mut message::Model) {
    if message.channel_id != conversation.channel_id {
        message.channel_id = conversation.channel_id;
        message.external_id = None;
        message.repeatable = false;
    }
}

/// Saves a queued message and orders it, if it is due and the turn is its own; whoever has the turn goes first.
pub(crate) async fn go_on(
    tx: &Tx,
    conversation: &mut conversation::Model,
    message: &message::Model,
    notices: &mut Notices,
) -> Result<()> {
    messages::save(tx, message).await?;
    events::message_updated(tx, message)?;
    if conversation.delivering == Some(message.id) {
        if message.due_at.is_some() {
            return Ok(());
        }
        if !may_have_gone_elsewhere(conversation, message)
            && !contact_lists::is_blocked(tx, conversation.contact_id).await?
        {
            return order_now(tx, conversation, message).await;
        }
        conversation.delivering = None;
    }
    release_next(tx, conversation, notices).await?;
    conversations::save(tx, conversation).await
}

/// Ends a message's way with a state and a reason.
pub(crate) async fn end(
    tx: &Tx,
    message: &mut message::Model,
    state: State,
    reason: Option<String>,
) -> Result<()> {
    let before: State = show::stored(&message.state)?;
    message.state = before.merge(state).to_string();
    message.due_at = None;
    message.state_reason = reason;
    if matches!(state, State::Failed | State::Unclear) {
        change::give_up(message);
    }
    messages::save(tx, message).await?;
    events::message_updated(tx, message)
}

/// Orders the adapter to deliver a message.
pub(crate) async fn order_now(
    tx: &Tx,
    conversation: &conversation::Model,
    message: &message::Model,
) -> Result<()> {
    let mut message = message.clone();
    if message.channel_id != conversation.channel_id {
        // it waited while the conversation moved
        message.channel_id = conversation.channel_id;
        messages::save(tx, &message).await?;
        events::message_updated(tx, &message)?;
    }
    let reply_to = match message.reply_to {
        Some(id) => messages::external_id_on(tx, id, conversation.channel_id).await?,
        None => None,
    };
    let shown = show::message(&message)?;
    let deliver = Outbound {
        message_id: shown.id.clone(),
        conversation_id: shown.conversation_id.clone(),
        thread_id: conversation.thread_id.clone(),
        attempt: u32::try_from(message.attempt).unwrap_or_default(),
        text: shown.text,
        attachments: shown.attachments,
        location: shown.location,
        contact_card: shown.contact_card,
        buttons: shown.buttons,
        reply_to,
        created_at: shown.created_at,
        expires_at: message.expires_at.map(timestamp),
        author: shown.author,
        seq: shown.seq,
        template: message.content.template.as_ref().map(|template| template.0.clone()),
        products: shown.products,
        rich: shown.rich,
    };
    // The thread's id is the provider's: it may hold what no key of the bus may.
    let channel = (conversation.channel_id, conversation.channel_kind.as_str());
    emit(tx, channel, &show::conversation_id(conversation.id), order::Order::Deliver(deliver))
}

/// Gives a channel's adapter an order; orders with one `key` are carried out one after another.
pub(crate) fn emit(tx: &Tx, channel: (Uuid, &str), key: &str, order: order::Order) -> Result<()> {
    let (channel_id, kind) = channel;
    let subject = subject::outbound(kind, partition::of(key))?;
    let order = Order {
        tenant_id: tx.tenant().to_string(),
        channel_id: show::channel_id(channel_id),
        channel_kind: kind.to_owned(),
        order: Some(order),
    };
    tx.emit(Outgoing::order(subject, key, Uuid::now_v7(), "conversation", &order)?);
    Ok(())
}

/// The message and its conversation, the conversation's turn taken, so that nobody else changes either meanwhile.
pub(crate) async fn take(tx: &Tx, id: Uuid) -> Result<(conversation::Model, message::Model)> {
    let mut conversation_id = messages::get(tx, id).await?.conversation_id;
    loop {
        let conversation = conversations::advance(tx, conversation_id, 0).await?;
        let message = messages::get(tx, id).await?;
        if message.conversation_id == conversation.id {
            return Ok((conversation, message));
        }
        // it changed its conversation while we waited for our turn
        conversation_id = message.conversation_id;
    }
}
