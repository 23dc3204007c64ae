//! All figures anew: from the events into a computation beside the one that is shown, then the one takes the other's place.

use chrono::TimeDelta;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use weft_bus::Stream;
use weft_domain::{Error, Result, TenantId};
use weft_proto::{
    analytics::v1::{self as api, rebuild::State},
    convert::timestamp,
};
use weft_store::{Scope, Tx};

use crate::{
    Context, slot,
    store::{
        entity::rebuild::Model,
        projections,
        rebuilds::{self, DONE, FAILED, RUNNING},
    },
};

mod chase;
mod seed;

use chase::Chase;

/// As near as this, the rest is read while new events wait.
const NEAR: u64 = 500;
/// How long they wait at most.
const HOLD: TimeDelta = TimeDelta::seconds(5);
/// When it is tried again after an outage.
const AGAIN: TimeDelta = TimeDelta::seconds(2);

/// Works at a tenant's rebuild to its end, or until `stop`; what is done stays done.
pub(crate) async fn run(context: &Context, tenant: TenantId, stop: &CancellationToken) -> Result<()> {
    let scope = context.store.tenant(tenant);
    let owner = Uuid::now_v7();
    let Some(row) = scope.write(|tx| async move { rebuilds::claim(&tx, owner).await }).await? else {
        return Ok(());
    };
    let worked = stop.run_until_cancelled(Box::pin(work(context, tenant, owner, row))).await;
    let Some(Err(error)) = worked else {
        // Stopped, it is free for the next worker at once; ended, there is nothing left to let go of.
        return scope.write(|tx| async move { rebuilds::release(&tx, owner, TimeDelta::zero()).await }).await;
    };
    if error.code().is_transient() || error.reason() == "busy" {
        scope.write(|tx| async move { rebuilds::release(&tx, owner, AGAIN).await }).await?;
        return Err(error);
    }
    tracing::warn!(tenant.id = %tenant, error = %error, source = ?std::error::Error::source(&error), "a rebuild failed");
    let reason = error.message();
    scope.write(|tx| async move { rebuilds::end(&tx, owner, FAILED, Some(reason)).await }).await
}

async fn work(context: &Context, tenant: TenantId, owner: Uuid, row: Model) -> Result<()> {
    let scope = context.store.tenant(tenant);
    let since = if row.from_cursor > 1 { seed::seed(context, &scope, owner, &row).await? } else { None };
    let mut chase = Chase::begin(context, tenant, owner, &row, since).await?;
    loop {
        let head = context.bus.last_cursor(Stream::Events).await?;
        chase.up_to(head).await?;
        if context.bus.last_cursor(Stream::Events).await?.saturating_sub(chase.cursor()) > NEAR {
            continue;
        }
        if take_over(context, &scope, owner, row.generation, &mut chase).await? {
            return Ok(());
        }
    }
}

/// Lets new events wait, reads the rest, and switches. Says whether it did: not if events were counted meanwhile after all.
async fn take_over(
    context: &Context,
    scope: &Scope,
    owner: Uuid,
    generation: i64,
    chase: &mut Chase<'_>,
) -> Result<bool> {
    let hold = |tx: Tx| async move { projections::hold(&tx, tx.now() + HOLD).await };
    let applied = scope.write(hold).await?.applied;
    // All that was counted was published before.
    let head = context.bus.last_cursor(Stream::Events).await?;
    chase.up_to(head).await?;
    let switch = |tx: Tx| async move {
        if !projections::switch(&tx, generation, applied).await? {
            return Ok(false);
        }
        rebuilds::end(&tx, owner, DONE, None).await?;
        Ok(true)
    };
    scope.write(switch).await
}

/// A rebuild as the API shows it.
pub(crate) fn show(row: &Model) -> api::Rebuild {
    let state = match row.state.as_str() {
        RUNNING => State::Running,
        DONE => State::Done,
        _ => State::Failed,
    };
    let cursor = |number: i64| u64::try_from(number).unwrap_or_default();
    api::Rebuild {
        state: state.into(),
        from_cursor: cursor(row.from_cursor),
        cursor: cursor(row.cursor),
        to_cursor: cursor(row.to_cursor),
        events: cursor(row.events),
        computed_since: row.since.map(|since| timestamp(slot::begin(since))),
        started_at: Some(timestamp(row.started_at)),
        ended_at: row.ended_at.map(timestamp),
        reason: row.reason.clone(),
    }
}

/// Why a rebuild cannot go on when the events it needs have gone.
fn overtaken(error: Error) -> Error {
    if error.reason() != "cursor_expired" {
        return error;
    }
    let words = "events went before they were read; start again, partially";
    Error::precondition("events_gone", words).with_source(error)
}
