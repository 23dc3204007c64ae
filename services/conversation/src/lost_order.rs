//! Orders that the bus has lost.

use chrono::{DateTime, Utc};
use weft_domain::{Result, TenantId, delivery::State};
use weft_proto::channel::v1::{Change, FetchMedia, Order, Outbound, order};
use weft_store::{Store, Tx};

use crate::{
    change, deliver, events, lookup,
    store::{messages, people},
};

/// What is to become of messages whose orders are lost.
#[derive(Clone, Copy, Debug)]
pub struct LostOrders {
    /// When no adapter has any of these orders in hand any more.
    pub until: DateTime<Utc>,
    /// Whether messages go out again then, although some may have gone; otherwise they become unclear, for a person to decide.
    pub again: bool,
}

/// Ends or repeats what a lost order was about, if it still waits; says whether it does.
pub async fn settle_lost_order(
    store: &Store,
    tenant: TenantId,
    lost: &Order,
    policy: LostOrders,
) -> Result<bool> {
    let scope = store.tenant(tenant);
    match lost.order.as_ref() {
        Some(order::Order::Deliver(message)) => {
            scope.write(|tx| async move { settle_message(&tx, message, policy).await }).await
        }
        Some(order::Order::FetchMedia(media)) => {
            scope.write(|tx| async move { fetch_anew(&tx, media).await }).await
        }
        Some(order::Order::Change(change)) => {
            scope.write(|tx| async move { change_anew(&tx, change).await }).await
        }
        None => Ok(false),
    }
}

/// Done twice it does no harm.
async fn change_anew(tx: &Tx, lost: &Change) -> Result<bool> {
    let (conversation, mut message) = deliver::take(tx, lookup::message(&lost.message_id)?).await?;
    if !change::is_waited_for(&message, lost.number) {
        return Ok(false);
    }
    if message.channel_id == conversation.channel_id {
        change::order_change(tx, &conversation, lost.clone())?;
    } else {
        change::ended(&mut message, lost.number, change::MOVED);
        messages::save(tx, &message).await?;
        events::message_updated(tx, &message)?;
    }
    Ok(true)
}

/// The adapter's word that it was about to call may be lost, too. So it counts as said: who has the order in hand says how it
/// ended, and otherwise its lease lapses.
async fn settle_message(tx: &Tx, lost: &Outbound, policy: LostOrders) -> Result<bool> {
    let (conversation, mut message) = deliver::take(tx, lookup::message(&lost.message_id)?).await?;
    let waits = message.state == State::Queued.to_string()
        && i64::from(message.attempt) == i64::from(lost.attempt)
        && message.due_at.is_none()
        && conversation.delivering == Some(message.id);
    if waits {
        message.state = State::Sending.to_string();
        message.repeatable = policy.again;
        message.due_at = Some(policy.until);
        messages::save(tx, &message).await?;
        events::message_updated(tx, &message)?;
    }
    Ok(waits)
}

async fn fetch_anew(tx: &Tx, lost: &FetchMedia) -> Result<bool> {
    let (conversation, message) = deliver::take(tx, lookup::message(&lost.message_id)?).await?;
    let index = usize::try_from(lost.index).unwrap_or(usize::MAX);
    let attachment = message.content.attachments.get(index);
    let waits =
        attachment.is_some_and(|attachment| attachment.file.is_none() && attachment.unavailable.is_empty());
    if waits {
        // the conversation may be answered elsewhere by now
        let known = people::channel(tx, message.channel_id).await?;
        let kind = known.map_or(conversation.channel_kind, |channel| channel.kind);
        let channel = (message.channel_id, kind.as_str());
        deliver::emit(tx, channel, &lost.message_id, order::Order::FetchMedia(lost.clone()))?;
    }
    Ok(waits)
}
