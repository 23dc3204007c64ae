//! What was decided to be said is told to the conversation service until it has answered (OUT-9).

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;
use weft_domain::{Error, ErrorCode, Result, TenantId, id};
use weft_proto::conversation::v1::SendAutomaticMessageRequest;
use weft_store::Tx;

use super::carry_out::{LEASE, next_try};
use crate::{
    Context, metering,
    store::{
        auto_answers::{self, Model},
        auto_replies, due,
    },
};

const AT_ONCE: u64 = 32;

/// Tells what is due. One query when there is nothing.
pub(crate) async fn run(context: &Context) -> Result<()> {
    loop {
        let found = due::find(&context.store, "auto_answer", AT_ONCE).await?;
        for (tenant, ids) in found.by_tenant {
            if let Err(error) = tell_all(context, tenant, ids).await {
                tracing::warn!(tenant.id = %tenant, error = %error, "automatic replies wait");
            }
        }
        if !found.is_full {
            return Ok(());
        }
    }
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
    for one in &claimed {
        // whoever deleted it, or switched it off, does not want it said any more
        let text = replies.get(&one.reply_id).filter(|reply| reply.enabled).map(|reply| reply.text.as_str());
        let again = match text {
            Some(text) => tell(context, tenant, one, text).await,
            None => None,
        };
        scope.write(|tx| async move { auto_answers::settle(&tx, one.id, again).await }).await?;
    }
    Ok(())
}

/// Tells one decision; when it is to be told again, if it could not be.
async fn tell(context: &Context, tenant: TenantId, one: &Model, text: &str) -> Option<DateTime<Utc>> {
    let request = SendAutomaticMessageRequest {
        tenant_id: tenant.to_string(),
        conversation_id: id::from_uuid::<id::Conversation>(one.conversation_id).to_string(),
        decision_id: one.id.to_string(),
        answers_seq: u64::try_from(one.seq).unwrap_or_default(),
        text: text.to_owned(),
    };
    match context.automatic.clone().send_automatic_message(request).await {
        Ok(answer) => {
            let is_sent = answer.into_inner().refused.is_empty();
            metering::replied(if is_sent { "sent" } else { "refused" }, 1);
            None
        }
        Err(status) => {
            let error = weft_rpc::error(&status);
            let conversation = id::from_uuid::<id::Conversation>(one.conversation_id);
            if is_for_good(&error) {
                tracing::warn!(tenant.id = %tenant, conversation.id = %conversation, error = %error, "an automatic reply is not sent");
                metering::replied("refused", 1);
                return None;
            }
            tracing::warn!(tenant.id = %tenant, conversation.id = %conversation, error = %error, attempts = one.attempts, "an automatic reply waits");
            Some(next_try(context.store.clock().now(), one.attempts))
        }
    }
}

/// What trying again does not change.
fn is_for_good(error: &Error) -> bool {
    use ErrorCode::{Invalid, NotFound, Precondition, TooLarge};
    matches!(error.code(), Invalid | NotFound | Precondition | TooLarge)
}
