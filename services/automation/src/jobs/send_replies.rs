//! What was decided to be said is told to the conversation service until it has answered (OUT-9).

use std::collections::HashMap;

use futures::{StreamExt, stream};
use uuid::Uuid;
use weft_domain::{Error, ErrorCode, Result, TenantId, id};
use weft_proto::conversation::v1::SendAutomaticMessageRequest;
use weft_store::Tx;

use super::carry_out::{LEASE, next_try};
use crate::{
    Context,
    auto_reply::WORTH_ANSWERING,
    metering,
    store::{
        auto_answers::{self, Model, Told},
        auto_replies, due,
    },
};

/// So many are in our hands at once, so that all are told before the lease ends.
const AT_ONCE: u64 = 32;
const CALLS_AT_ONCE: usize = 32;

/// Tells what is due, once. One query when there is nothing.
pub(crate) async fn run(context: &Context) -> Result<()> {
    let found = due::find(&context.store, "auto_answer", AT_ONCE).await?;
    for (tenant, ids) in found.by_tenant {
        if let Err(error) = tell_all(context, tenant, ids).await {
            tracing::warn!(tenant.id = %tenant, error = %error, "automatic replies wait");
        }
    }
    Ok(())
}

async fn tell_all(context: &Context, tenant: TenantId, ids: Vec<Uuid>) -> Result<()> {
    let scope = context.store.tenant(tenant);
    let ids = &ids;
    let claim = |tx: Tx| async move {
        let claimed = auto_answers::claim(&tx, ids.clone(), tx.now() + LEASE).await?;
        let replies = claimed.iter().map(|one| one.reply_id).collect();
        let replies = auto_replies::of_ids(&tx, replies).await?;
        Ok((claimed, replies))
    };
    let (claimed, replies) = scope.write(claim).await?;
    let replies: HashMap<Uuid, _> = replies.into_iter().map(|reply| (reply.id, reply)).collect();
    let calls = claimed.into_iter().map(|one| {
        // whoever deleted it, or switched it off, does not want it said any more
        let text = replies.get(&one.reply_id).filter(|reply| reply.enabled).map(|reply| reply.text.as_str());
        async move {
            let told = match text {
                Some(text) => tell(context, tenant, &one, text).await,
                None => Told::Refused,
            };
            (one, told)
        }
    });
    let told: Vec<_> = stream::iter(calls).buffer_unordered(CALLS_AT_ONCE).collect().await;
    let told = &told;
    scope.write(|tx| async move { auto_answers::settle(&tx, told).await }).await
}

async fn tell(context: &Context, tenant: TenantId, one: &Model, text: &str) -> Told {
    let now = context.store.clock().now();
    if now - one.decided_at > WORTH_ANSWERING {
        metering::replied("expired", 1);
        return Told::Refused;
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
        Ok(answer) if answer.get_ref().refused.is_empty() => {
            metering::replied("sent", 1);
            return Told::Said;
        }
        Ok(_) => {
            metering::replied("refused", 1);
            return Told::Refused;
        }
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

/// What trying again does not change.
fn is_for_good(error: &Error) -> bool {
    use ErrorCode::{Forbidden, Invalid, NotFound, Precondition, TooLarge};
    matches!(error.code(), Forbidden | Invalid | NotFound | Precondition | TooLarge)
}
