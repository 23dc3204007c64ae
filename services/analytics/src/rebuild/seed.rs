use std::time::Duration;

use tokio::time::timeout;
use uuid::Uuid;
use weft_bus::Stream;
use weft_domain::Result;
use weft_store::{Scope, Tx};

use super::overtaken;
use crate::{
    Context, slot,
    store::{
        entity::rebuild::Model,
        generations::{self, TakeOver},
        projections, rebuilds,
    },
};

const PATIENCE: Duration = Duration::from_secs(20);

/// Takes over what is known of the time before the first event that is kept; gives back the first slot after it.
pub(super) async fn seed(context: &Context, scope: &Scope, owner: Uuid, row: &Model) -> Result<Option<i64>> {
    if row.since.is_some() {
        return Ok(row.since);
    }
    let first = u64::try_from(row.from_cursor).unwrap_or_default();
    let instant = match context.bus.last_cursor(Stream::Events).await? >= first {
        true => begin_of_events(context, first).await?,
        false => context.store.clock().now(),
    };
    let shown = scope.read(|tx| async move { projections::generation(&tx).await }).await?;
    let plan = TakeOver { from: shown, to: row.generation, instant, since: slot::from(instant) };

    let mut day = Some(0);
    while let Some(begin) = day {
        let some = |tx: Tx| async move {
            rebuilds::renew(&tx, owner).await?;
            generations::take_over_figures(&tx, plan, begin).await
        };
        day = scope.write(some).await?;
    }
    let mut after = Some(Uuid::nil());
    while let Some(begin) = after {
        let some = |tx: Tx| async move {
            rebuilds::renew(&tx, owner).await?;
            generations::take_over_messages(&tx, plan, begin).await
        };
        after = scope.write(some).await?;
    }
    let mut after = Some(Uuid::nil());
    while let Some(begin) = after {
        let some = |tx: Tx| async move {
            rebuilds::renew(&tx, owner).await?;
            generations::take_over_conversations(&tx, plan, begin).await
        };
        after = scope.write(some).await?;
    }
    scope.write(|tx| async move { rebuilds::seeded(&tx, owner, plan.since).await }).await?;
    Ok(Some(plan.since))
}

/// When the first event that is kept happened.
async fn begin_of_events(context: &Context, first: u64) -> Result<chrono::DateTime<chrono::Utc>> {
    let filters = vec!["weft.events.>".to_owned()];
    let mut reader =
        context.bus.read_from(Stream::Events, Some(first - 1), filters).await.map_err(overtaken)?;
    let next = timeout(PATIENCE, reader.next()).await;
    let event = next.map_err(|_| weft_domain::Error::unavailable("bus_timeout"))?.map_err(overtaken)?;
    let (_, event) = event.ok_or_else(|| weft_domain::Error::unavailable("bus_closed"))?;
    Ok(event.time)
}
