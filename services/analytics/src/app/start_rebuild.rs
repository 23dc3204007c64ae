use uuid::Uuid;
use weft_bus::Stream;
use weft_domain::{Error, Result};
use weft_proto::analytics::v1::{Rebuild, StartRebuildRequest};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use crate::{
    Context,
    rebuild::show,
    store::{
        entity::rebuild,
        projections,
        rebuilds::{self, RUNNING, signed},
    },
};

/// What there is to be read.
#[derive(Clone, Copy)]
struct Kept {
    first: u64,
    last: u64,
}

/// Asks for all figures to be computed anew; a worker takes it up within a moment.
pub(crate) async fn run(context: &Context, call: Accepted<StartRebuildRequest>) -> Result<Once<Rebuild>> {
    let partial = call.message.partial;
    let kept = Kept {
        first: context.bus.first_cursor(Stream::Events).await?.max(1),
        last: context.bus.last_cursor(Stream::Events).await?,
    };
    let scope = context.store.tenant(call.principal.tenant);
    scope.write_once(&call.intent, |tx| async move { start(&tx, partial, kept).await }).await
}

async fn start(tx: &Tx, partial: bool, kept: Kept) -> Result<Rebuild> {
    let last = rebuilds::last(tx).await?;
    if let Some(running) = last.as_ref().filter(|row| row.state == RUNNING) {
        return Ok(show(running));
    }
    if kept.first > 1 && !partial {
        return Err(beginning_gone(kept.first));
    }
    let shown = projections::generation(tx).await?;
    let row = rebuild::Model {
        tenant_id: tx.tenant().uuid(),
        id: Uuid::now_v7(),
        state: RUNNING.to_owned(),
        generation: shown.max(last.map_or(shown, |row| row.generation)) + 1,
        partial,
        from_cursor: signed(kept.first),
        cursor: signed(kept.first - 1),
        to_cursor: signed(kept.last),
        events: 0,
        since: None,
        owner: Uuid::nil(),
        lease_until: tx.now(),
        started_at: tx.now(),
        ended_at: None,
        reason: None,
        tidied: false,
    };
    let shown = show(&row);
    rebuilds::put(tx, row).await?;
    Ok(shown)
}

fn beginning_gone(first: u64) -> Error {
    let words = format!(
        "the events before number {first} are no longer kept, so not all figures can be computed anew; \
         `partial` takes the earlier figures over as they are"
    );
    Error::precondition("events_gone", words)
}
