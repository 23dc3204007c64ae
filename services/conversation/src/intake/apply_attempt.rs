use chrono::TimeDelta;
use uuid::Uuid;
use weft_domain::{Result, conversation::AuthorKind, delivery::State};
use weft_proto::{
    channel::v1::{AttemptEnded, AttemptStarted, attempt_ended},
    convert::time,
};
use weft_store::Tx;

use super::{Event, apply_reachability, apply_report};
use crate::{
    change, deliver, events, follow_up, lookup,
    notify::Notices,
    show,
    store::{
        entity::{conversation, message},
        messages,
    },
};

/// How long an attempt may be silent when its adapter does not say (OUT-9).
const LEASE: TimeDelta = TimeDelta::seconds(60);
const UNCLEAR: &str = "the provider may or may not have got this message; send it again or leave it";

/// An adapter is about to call the provider: from here on a crash means "unclear", not "again" (OUT-2).
pub(super) async fn started(tx: &Tx, started: &AttemptStarted) -> Result<()> {
    let (_, mut message) = deliver::take(tx, lookup::message(&started.message_id)?).await?;
    if !is_current(&message, started.attempt) || message.state != State::Queued.to_string() {
        return Ok(());
    }
    message.state = State::Sending.to_string();
    message.repeatable = started.repeatable;
    message.due_at = Some(started.lease_until.as_ref().and_then(time).unwrap_or_else(|| tx.now() + LEASE));
    messages::save(tx, &message).await?;
    events::message_updated(tx, &message)
}

/// An attempt ended; the conversation's next message may go.
pub(super) async fn ended(tx: &Tx, event: &Event, ended: &AttemptEnded, notices: &mut Notices) -> Result<()> {
    let (mut conversation, mut message) = deliver::take(tx, lookup::message(&ended.message_id)?).await?;
    let result = ended.result();
    // A late "accepted" of an earlier attempt is still the truth: the provider has it.
    if result != attempt_ended::Result::Accepted && !is_open(&message, ended.attempt)? {
        // The contact may have got it elsewhere meanwhile: the next one's turn comes all the same.
        return match is_current(&message, ended.attempt) {
            true => deliver::finish(tx, &mut conversation, &message, notices).await,
            false => Ok(()),
        };
    }
    let reason = Some(ended.reason.clone()).filter(|reason| !reason.is_empty());
    match result {
        attempt_ended::Result::Accepted => {
            accept(tx, event.channel_id, &mut message, ended, notices).await?;
            change::catch_up(tx, &conversation, &mut message).await?;
        }
        attempt_ended::Result::Rejected => {
            deliver::end(tx, &mut message, State::Failed, reason).await?;
            notices.failed(&message);
            if ended.recipient_gone {
                apply_reachability::note(tx, event, false).await?;
            }
        }
        attempt_ended::Result::Unclear => {
            deliver::end(tx, &mut message, State::Unclear, reason.or_else(|| Some(UNCLEAR.to_owned())))
                .await?;
        }
        attempt_ended::Result::Deferred => {
            return defer(tx, &mut conversation, message, ended, notices).await;
        }
        attempt_ended::Result::Redelivered => {
            return redelivered(tx, &mut conversation, message, notices).await;
        }
        attempt_ended::Result::Unspecified => return Ok(()),
    }
    deliver::finish(tx, &mut conversation, &message, notices).await
}

async fn accept(
    tx: &Tx,
    channel_id: Uuid,
    message: &mut message::Model,
    ended: &AttemptEnded,
    notices: &mut Notices,
) -> Result<()> {
    let ids = &ended.provider_message_ids;
    // Where the provider shows us what we sent, it may have come in before this report.
    let known = messages::by_external_ids(tx, channel_id, ids).await?;
    messages::add_parts(tx, channel_id, message.id, ids).await?;
    let before: State = show::stored(&message.state)?;
    message.state = if before == State::Failed { State::Sent } else { before.merge(State::Sent) }.to_string();
    message.state_reason = Some(ended.warnings.join("; ")).filter(|warnings| !warnings.is_empty());
    message.due_at = None;
    // The row's own id is of the channel it goes by now; of the one before, the parts know.
    if message.channel_id == channel_id {
        let own = ids.iter().rev().find(|id| !known.contains_key(*id));
        message.external_id = message.external_id.take().or_else(|| own.cloned());
    }
    apply_report::apply_parked(tx, channel_id, message, ids, notices).await?;
    // what is said by itself moves no conversation
    let is_somebodys = message.author_kind != AuthorKind::System.to_string();
    if is_somebodys && message.state == State::Sent.to_string() {
        message.due_at = follow_up::due(tx, message.channel_id).await?;
    }
    messages::save(tx, message).await?;
    events::message_updated(tx, message)
}

/// It surely did not go: again later, unless that is too late to be of use.
async fn defer(
    tx: &Tx,
    conversation: &mut conversation::Model,
    mut message: message::Model,
    ended: &AttemptEnded,
    notices: &mut Notices,
) -> Result<()> {
    let retry_at = ended.retry_at.as_ref().and_then(time).unwrap_or_else(|| tx.now());
    if message.expires_at.is_some_and(|expires_at| retry_at > expires_at) {
        let reason = format!("given up after {} attempts: {}", message.attempt, ended.reason);
        deliver::end(tx, &mut message, State::Failed, Some(reason)).await?;
        notices.failed(&message);
        return deliver::finish(tx, conversation, &message, notices).await;
    }
    message.repeatable |= ended.may_have_gone;
    let reason = Some(format!("waiting to try again: {}", ended.reason));
    deliver::again(tx, conversation, &mut message, (Some(retry_at), reason), notices).await
}

/// The order was taken up twice. Markers come in order, so what we have seen decides: without one, nobody called.
async fn redelivered(
    tx: &Tx,
    conversation: &mut conversation::Model,
    mut message: message::Model,
    notices: &mut Notices,
) -> Result<()> {
    match show::stored(&message.state)? {
        State::Queued => deliver::again(tx, conversation, &mut message, (None, None), notices).await,
        State::Sending => lapse(tx, conversation, message, notices).await,
        _ => Ok(()),
    }
}

/// An attempt was announced and never ended.
pub(crate) async fn lapse(
    tx: &Tx,
    conversation: &mut conversation::Model,
    mut message: message::Model,
    notices: &mut Notices,
) -> Result<()> {
    if message.repeatable {
        return deliver::again(tx, conversation, &mut message, (None, None), notices).await;
    }
    deliver::end(tx, &mut message, State::Unclear, Some(UNCLEAR.to_owned())).await?;
    deliver::finish(tx, conversation, &message, notices).await
}

fn is_current(message: &message::Model, attempt: u32) -> bool {
    i64::from(message.attempt) == i64::from(attempt)
}

/// Whether the end of this attempt is still waited for.
fn is_open(message: &message::Model, attempt: u32) -> Result<bool> {
    let state: State = show::stored(&message.state)?;
    Ok(is_current(message, attempt) && (state.is_in_flight() || state == State::Unclear))
}
