use weft_domain::{Result, delivery::State};
use weft_proto::{
    channel::v1::{AttemptEnded, AttemptStarted, attempt_ended},
    convert::time,
};
use weft_store::Tx;

use super::{Event, apply_reachability, apply_report};
use crate::{
    deliver, events, show,
    store::{conversations, entity::message, messages},
};

const UNCLEAR: &str = "the provider may or may not have got this message; send it again or leave it";

/// An adapter is about to call the provider: from here on a crash means "unclear", not "again" (OUT-2).
pub(super) async fn started(tx: &Tx, started: &AttemptStarted) -> Result<()> {
    let (_, mut message) = deliver::take(tx, &started.message_id).await?;
    if !is_current(&message, started.attempt) || message.state != State::Queued.to_string() {
        return Ok(());
    }
    message.state = State::Sending.to_string();
    message.repeatable = started.repeatable;
    message.due_at = started.lease_until.as_ref().and_then(time);
    messages::save(tx, &message).await?;
    events::message_updated(tx, &message)
}

/// An attempt ended; the conversation's next message may go.
pub(super) async fn ended(tx: &Tx, event: &Event, ended: &AttemptEnded) -> Result<()> {
    let (mut conversation, mut message) = deliver::take(tx, &ended.message_id).await?;
    let result = ended.result();
    // A late "accepted" of an earlier attempt is still the truth: the provider has it.
    if !is_current(&message, ended.attempt) && result != attempt_ended::Result::Accepted {
        return Ok(());
    }
    let reason = Some(ended.reason.clone()).filter(|reason| !reason.is_empty());
    match result {
        attempt_ended::Result::Accepted => accept(tx, &mut message, ended).await?,
        attempt_ended::Result::Rejected => {
            deliver::end(tx, &mut message, State::Failed, reason).await?;
            if ended.recipient_gone {
                apply_reachability::note(tx, event, false).await?;
            }
        }
        attempt_ended::Result::Unclear => {
            deliver::end(tx, &mut message, State::Unclear, reason.or_else(|| Some(UNCLEAR.to_owned())))
                .await?;
        }
        attempt_ended::Result::Deferred => return defer(tx, &mut conversation, message, ended).await,
        attempt_ended::Result::Redelivered => return redelivered(tx, &mut conversation, message).await,
        attempt_ended::Result::Unspecified => return Ok(()),
    }
    deliver::finish(tx, &mut conversation, &message).await?;
    conversations::save(tx, &conversation).await
}

async fn accept(tx: &Tx, message: &mut message::Model, ended: &AttemptEnded) -> Result<()> {
    let ids = &ended.provider_message_ids;
    messages::add_parts(tx, message.channel_id, message.id, ids).await?;
    let before: State = show::stored(&message.state)?;
    message.state = if before == State::Failed { State::Sent } else { before.merge(State::Sent) }.to_string();
    message.state_reason = Some(ended.warnings.join("; ")).filter(|warnings| !warnings.is_empty());
    message.due_at = None;
    message.external_id = message.external_id.take().or_else(|| ids.last().cloned());
    apply_report::apply_parked(tx, message.channel_id, message, ids).await?;
    messages::save(tx, message).await?;
    events::message_updated(tx, message)
}

/// It surely did not go: again later, unless that is too late to be of use.
async fn defer(
    tx: &Tx,
    conversation: &mut crate::store::entity::conversation::Model,
    mut message: message::Model,
    ended: &AttemptEnded,
) -> Result<()> {
    let retry_at = ended.retry_at.as_ref().and_then(time).unwrap_or_else(|| tx.now());
    if retry_at > message.created_at + deliver::WORTH_SENDING {
        let reason = format!("given up after {} attempts: {}", message.attempt, ended.reason);
        deliver::end(tx, &mut message, State::Failed, Some(reason)).await?;
        deliver::finish(tx, conversation, &message).await?;
        return conversations::save(tx, conversation).await;
    }
    let reason = Some(format!("waiting to try again: {}", ended.reason));
    deliver::again(tx, conversation, &mut message, Some(retry_at), reason).await
}

/// The order was taken up twice. Markers come in order, so what we have seen decides: without one, nobody called.
async fn redelivered(
    tx: &Tx,
    conversation: &mut crate::store::entity::conversation::Model,
    mut message: message::Model,
) -> Result<()> {
    if message.state == State::Queued.to_string() {
        return deliver::again(tx, conversation, &mut message, None, None).await;
    }
    if message.state != State::Sending.to_string() {
        return Ok(());
    }
    lapse(tx, conversation, message).await
}

/// An attempt was announced and never ended.
pub(crate) async fn lapse(
    tx: &Tx,
    conversation: &mut crate::store::entity::conversation::Model,
    mut message: message::Model,
) -> Result<()> {
    if message.repeatable {
        return deliver::again(tx, conversation, &mut message, None, None).await;
    }
    deliver::end(tx, &mut message, State::Unclear, Some(UNCLEAR.to_owned())).await?;
    deliver::finish(tx, conversation, &message).await?;
    conversations::save(tx, conversation).await
}

fn is_current(message: &message::Model, attempt: u32) -> bool {
    i64::from(message.attempt) == i64::from(attempt)
}
