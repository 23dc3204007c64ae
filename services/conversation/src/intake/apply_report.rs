use uuid::Uuid;
use weft_domain::{Result, conversation::Direction, delivery::State};
use weft_proto::{channel::v1::DeliveryReport, convert::reported};
use weft_store::Tx;

use super::Event;
use crate::{
    events, show,
    store::{entity::message, messages, reports},
};

/// A provider's word about a message of ours. Early ones wait for their message (IN-11).
pub(super) async fn apply(tx: &Tx, event: &Event, report: &DeliveryReport) -> Result<()> {
    let Some(state) = reported(report.state()) else { return Ok(()) };
    let ids = [report.id.clone()];
    let found = messages::by_external_ids(tx, event.channel_id, &ids).await?;
    let Some(id) = found.get(&report.id) else {
        return reports::park(tx, event.channel_id, &report.id, &state.to_string(), &report.reason).await;
    };
    let message = messages::get(tx, *id).await?;
    if report.up_to {
        for earlier in messages::outbound_up_to(tx, message.conversation_id, message.seq).await? {
            merge(tx, earlier, state, "").await?;
        }
        return Ok(());
    }
    merge(tx, message, state, &report.reason).await
}

/// Applies what was reported before the message had these ids.
pub(super) async fn apply_parked(
    tx: &Tx,
    channel_id: Uuid,
    message: &mut message::Model,
    ids: &[String],
) -> Result<()> {
    for parked in reports::take(tx, channel_id, ids).await? {
        let state: State = show::stored(&parked.state)?;
        take_over(message, state, &parked.reason)?;
    }
    Ok(())
}

async fn merge(tx: &Tx, mut message: message::Model, state: State, reason: &str) -> Result<()> {
    if message.direction != Direction::Outbound.to_string() || !take_over(&mut message, state, reason)? {
        return Ok(());
    }
    messages::save(tx, &message).await?;
    events::message_updated(tx, &message)
}

fn take_over(message: &mut message::Model, reported: State, reason: &str) -> Result<bool> {
    let before: State = show::stored(&message.state)?;
    let after = before.merge(reported);
    if after == before {
        return Ok(false);
    }
    message.state = after.to_string();
    message.state_reason = Some(reason.to_owned()).filter(|reason| !reason.is_empty());
    Ok(true)
}
