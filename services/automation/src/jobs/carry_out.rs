//! Decisions are told to the conversation service until it has answered: a call that fails is tried again, a process
//! that dies leaves its decisions to the next (OUT-9).

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use futures::{StreamExt, stream};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use weft_domain::{Error, ErrorCode, Result, TenantId, id};
use weft_proto::conversation::v1::AssignRequest;

use super::in_turn;
use crate::{
    Context,
    desk::{Answer, Desk},
    known::Seen,
    metering,
    store::{
        conversations::{self, Model},
        settings,
    },
};

/// Polling is the guarantee, the wake-up only makes it fast (TX-4).
const POLL: Duration = Duration::from_millis(200);
/// So many calls of a tenant are made at once, which are all that were claimed.
const CALLS_AT_ONCE: usize = 32;
/// Longer than the five seconds a call may take.
pub(super) const LEASE: TimeDelta = TimeDelta::seconds(10);
const FIRST_WAIT_MS: i64 = 250;
const LONGEST_WAIT_MS: i64 = 5_000;

/// Carries decisions out as they become due, until `stop`.
pub(crate) async fn run(context: Arc<Context>, stop: CancellationToken) -> Result<()> {
    while !stop.is_cancelled() {
        let work = |tenant, ids| carry_out(&context, tenant, ids);
        match in_turn(&context, "carry out decisions", "conversation", work).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::warn!(error = %error, "decisions wait"),
        }
        tokio::select! {
            () = context.decided.notified() => {}
            () = tokio::time::sleep(POLL) => {}
            () = stop.cancelled() => {}
        }
    }
    Ok(())
}

async fn carry_out(context: &Context, tenant: TenantId, ids: Vec<Uuid>) -> Result<usize> {
    let scope = context.store.tenant(tenant);
    let ids = &ids;
    let claim = |tx: weft_store::Tx| async move {
        settings::take_turn(&tx).await?;
        conversations::claim(&tx, ids.clone(), tx.now() + LEASE).await
    };
    let claimed = scope.write(claim).await?;
    if claimed.is_empty() {
        return Ok(0);
    }
    let calls = claimed.into_iter().map(|row| tell(context, tenant, row));
    let answers: Vec<_> = stream::iter(calls).buffer_unordered(CALLS_AT_ONCE).collect().await;
    let answers = &answers;
    let settle = |tx| async move {
        let mut desk = Desk::open(tx, context.default_capacity).await?;
        desk.recall_known(answers.iter().map(|(row, _)| row.id).collect()).await?;
        answers.iter().for_each(|(row, answer)| desk.settle(row.id, row.decision, answer));
        desk.close().await
    };
    scope.write(settle).await?;
    Ok(answers.len())
}

/// Tells one decision, and reads the answer.
async fn tell(context: &Context, tenant: TenantId, row: Model) -> (Model, Answer) {
    let (Some(user), Some(decision)) = (row.chosen, row.decision) else {
        return (row, Answer::Again(context.store.clock().now()));
    };
    let request = AssignRequest {
        tenant_id: tenant.to_string(),
        conversation_id: id::from_uuid::<id::Conversation>(row.id).to_string(),
        user_id: id::from_uuid::<id::User>(user).to_string(),
        decision_id: decision.to_string(),
    };
    let conversation = request.conversation_id.clone();
    let answer = match assign(context, request).await {
        Ok(seen) => Answer::Shown(seen),
        Err(error) if error.code() == ErrorCode::NotFound && error.reason() == "not_found" => Answer::Gone,
        Err(error) => {
            tracing::warn!(tenant.id = %tenant, conversation.id = conversation, error = %error, attempts = row.attempts, "a decision waits");
            metering::told_again();
            Answer::Again(next_try(context.store.clock().now(), row.attempts))
        }
    };
    (row, answer)
}

async fn assign(context: &Context, request: AssignRequest) -> Result<Seen> {
    let answer = context.assignments.clone().assign(request).await;
    let answer = answer.map_err(|status| weft_rpc::error(&status))?.into_inner();
    let result = if answer.assigned { "assigned" } else { "refused" };
    metering::assigned(result, 1);
    Seen::read(&answer.conversation.ok_or_else(|| Error::internal("the answer shows no conversation"))?)
}

/// When what could not be told is told again.
pub(super) fn next_try(now: DateTime<Utc>, attempts: i32) -> DateTime<Utc> {
    let doubled = FIRST_WAIT_MS << attempts.clamp(1, 10).saturating_sub(1);
    now + TimeDelta::milliseconds(doubled.min(LONGEST_WAIT_MS))
}
