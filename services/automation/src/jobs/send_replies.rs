//! What was decided to be said is told to the conversation service until it has answered (OUT-9).

use std::collections::HashMap;

use futures::{StreamExt, stream};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use weft_domain::{Error, ErrorCode, Result, TenantId, id};
use weft_proto::conversation::v1::SendAutomaticMessageRequest;
use weft_store::Tx;

use super::{
    carry_out::{LEASE, next_try},
    in_turn,
};
use crate::{
    Context,
    auto_reply::WORTH_ANSWERING,
    metering,
    store::{
        auto_answers::{self, Model, Told},
        auto_replies,
    },
};

/// So many calls of a tenant are made at once, which are all that were claimed.
const CALLS_AT_ONCE: usize = 32;
/// Why something is not said to a message, though it may be to the next one.
const PASSING: [&str; 3] = ["answered", "conversation_closed", "reply_window_closed"];

/// Tells what is due, until `stop` or nothing is. One query when there is nothing.
pub(crate) async fn run(context: &Context, stop: &CancellationToken) -> Result<()> {
    loop {
        let work = |tenant, ids| tell_all(context, tenant, ids);
        let goes_on = in_turn(context, "send automatic replies", "auto_answer", work).await?;
        if !goes_on || stop.is_cancelled() {
            return Ok(());
        }
    }
}

async fn tell_all(context: &Context, tenant: TenantId, ids: Vec<Uuid>) -> Result<usize> {
    let scope = context.store.tenant(tenant);
    let ids = &ids;
    let claim = |tx: Tx| async move {
        let claimed = auto_answers::claim(&tx, ids.clone(), tx.now() + LEASE).await?;
        let replies = claimed.iter().map(|one| one.reply_id).collect();
        let replies = auto_replies::of_ids(&tx, replies).await?;
        Ok((claimed, replies))
    };
    let (claimed, replies) = scope.write(claim).await?;
    if claimed.is_empty() {
        return Ok(0);
    }
    let replies: HashMap<Uuid, _> = replies.into_iter().map(|reply| (reply.id, reply)).collect();
    let calls = claimed.into_iter().map(|one| {
        // whoever deleted it, or switched it off, does not want it said any more
        let text = replies.get(&one.reply_id).filter(|reply| reply.enabled).map(|reply| reply.text.as_str());
        async move {
            let told = match text {
                Some(text) => tell(context, tenant, &one, text).await,
                None => Told::Passed,
            };
            (one, told)
        }
    });
    let told: Vec<_> = stream::iter(calls).buffer_unordered(CALLS_AT_ONCE).collect().await;
    let told = &told;
    scope.write(|tx| async move { auto_answers::settle(&tx, told).await }).await?;
    Ok(told.len())
}

async fn tell(context: &Context, tenant: TenantId, one: &Model, text: &str) -> Told {
    let now = context.store.clock().now();
    if now - one.decided_at > WORTH_ANSWERING {
        metering::replied("expired", 1);
        return Told::Passed;
    }
    let conversation = id::from_uuid::<id::Conversation>(one.conversation_id);
    let request = SendAutomaticMessageRequest {
        tenant_id: tenant.to_string(),
        conversation_id: conversation.to_string(),
        decision_id: one.id.to_string(),
        answers_seq: u64::try_from(one.seq).unwrap_or_default(),
        text: text.to_owned(),
    };
    let error = match context.automatic.clone().send_automatic_message(request).await {
        Ok(answer) => return heard(&answer.get_ref().refused),
        Err(status) => weft_rpc::error(&status),
    };
    if is_for_good(&error) {
        tracing::warn!(tenant.id = %tenant, conversation.id = %conversation, error = %error, "an automatic reply is not sent");
        metering::replied("refused", 1);
        return Told::Refused;
    }
    tracing::warn!(tenant.id = %tenant, conversation.id = %conversation, error = %error, attempts = one.attempts, "an automatic reply waits");
    Told::Again(next_try(now, one.attempts))
}

/// What became of it, by why it was refused; it was not, if there is no reason.
fn heard(refused: &str) -> Told {
    if refused.is_empty() {
        metering::replied("sent", 1);
        return Told::Said;
    }
    metering::replied("refused", 1);
    if PASSING.contains(&refused) { Told::Passed } else { Told::Refused }
}

/// What trying again does not change.
fn is_for_good(error: &Error) -> bool {
    use ErrorCode::{Forbidden, Invalid, NotFound, Precondition, TooLarge};
    matches!(error.code(), Forbidden | Invalid | NotFound | Precondition | TooLarge)
}
