use uuid::Uuid;
use weft_domain::{Result, conversation::Direction, delivery::State};
use weft_proto::{
    channel::v1::DeliveryReport,
    convert::{reported, time},
};
use weft_store::Tx;

use super::Event;
use crate::{
    deliver, events,
    notify::Notices,
    show,
    store::{conversations, entity::message, messages, reports},
};

/// A provider's word about a message of ours. Early ones wait for their message (IN-11).
pub(super) async fn apply(
    tx: &Tx,
    event: &Event,
    report: &DeliveryReport,
    notices: &mut Notices,
) -> Result<()> {
    let Some(state) = reported(report.state()) else { return Ok(()) };
    if report.id.is_empty() {
        return merge_until(tx, event, state, notices).await;
    }
    let ids = [report.id.clone()];
    let found = messages::by_external_ids(tx, event.channel_id, &ids).await?;
    let Some(id) = found.get(&report.id) else {
        return reports::park(tx, event.channel_id, report, state).await;
    };
    let (_, message) = deliver::take(tx, *id).await?;
    if report.up_to {
        return merge_up_to(tx, message.conversation_id, message.seq, state, notices).await;
    }
    merge(tx, message, state, &report.reason, notices).await
}

/// Applies what was reported before the message had these ids.
pub(super) async fn apply_parked(
    tx: &Tx,
    channel_id: Uuid,
    message: &mut message::Model,
    ids: &[String],
    notices: &mut Notices,
) -> Result<()> {
    for parked in reports::take(tx, channel_id, ids).await? {
        let state: State = show::stored(&parked.state)?;
        if take_over(message, state, &parked.reason)? && has_failed(message) {
            notices.failed(message);
        }
        if parked.up_to {
            merge_up_to(tx, message.conversation_id, message.seq - 1, state, notices).await?;
        }
    }
    Ok(())
}

/// Applies what waits for a message that is known.
pub(crate) async fn bring_together(tx: &Tx, channel_id: Uuid, message: Uuid, ids: &[String]) -> Result<()> {
    let (_, mut message) = deliver::take(tx, message).await?;
    let before = message.clone();
    let mut notices = Notices::default();
    apply_parked(tx, channel_id, &mut message, ids, &mut notices).await?;
    if message != before {
        messages::save(tx, &message).await?;
        events::message_updated(tx, &message)?;
    }
    notices.write(tx).await
}

async fn merge_up_to(
    tx: &Tx,
    conversation_id: Uuid,
    seq: i64,
    state: State,
    notices: &mut Notices,
) -> Result<()> {
    for message in messages::outbound_up_to(tx, conversation_id, seq).await? {
        merge(tx, message, state, "", notices).await?;
    }
    Ok(())
}

/// The provider names no message, only a time: the thread's messages that went out until then.
async fn merge_until(tx: &Tx, event: &Event, state: State, notices: &mut Notices) -> Result<()> {
    let newest = conversations::newest_of_thread(tx, event.channel_id, event.thread_id()).await?;
    let until = event.inbound.occurred_at.as_ref().and_then(time);
    let (Some(conversation), Some(until)) = (newest, until) else { return Ok(()) };
    let conversation = conversations::advance(tx, conversation.id, 0).await?;
    for message in messages::outbound_until(tx, conversation.id, until).await? {
        merge(tx, message, state, "", notices).await?;
    }
    Ok(())
}

async fn merge(
    tx: &Tx,
    mut message: message::Model,
    state: State,
    reason: &str,
    notices: &mut Notices,
) -> Result<()> {
    if message.direction != Direction::Outbound.to_string() || !take_over(&mut message, state, reason)? {
        return Ok(());
    }
    if has_failed(&message) {
        notices.failed(&message);
    }
    messages::save(tx, &message).await?;
    events::message_updated(tx, &message)
}

fn has_failed(message: &message::Model) -> bool {
    message.state == State::Failed.to_string()
}

fn take_over(message: &mut message::Model, reported: State, reason: &str) -> Result<bool> {
    let before: State = show::stored(&message.state)?;
    let after = before.merge(reported);
    if after == before {
        return Ok(false);
    }
    if before == State::Sent {
        // nobody waits any more for it to be delivered
        message.due_at = None;
    }
    message.state = after.to_string();
    message.state_reason = Some(reason.to_owned()).filter(|reason| !reason.is_empty());
    Ok(true)
}
