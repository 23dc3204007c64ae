//! Figures that were replaced are kept a minute longer, for those who are reading them.

use chrono::TimeDelta;
use weft_domain::Result;
use weft_store::Purpose;

use crate::{
    Context,
    store::{
        generations, projections,
        rebuilds::{self, RUNNING},
    },
};

const KEEP: TimeDelta = TimeDelta::minutes(1);

/// Deletes them, some at a time.
pub(crate) async fn run(context: &Context) -> Result<()> {
    let before = context.store.clock().now() - KEEP;
    let system = context.store.system(Purpose::FindLapsed).await?;
    let tenants = rebuilds::untidied(&system, before).await?;
    drop(system);
    for tenant in tenants {
        let some = |tx: weft_store::Tx| async move {
            let Some(rebuild) = rebuilds::last(&tx).await?.filter(|row| row.state != RUNNING) else {
                return Ok(false);
            };
            let shown = projections::generation(&tx).await?;
            let more = generations::drop_some(&tx, shown, rebuild.generation).await?;
            if !more {
                rebuilds::tidied(&tx, rebuild.id).await?;
            }
            Ok(more)
        };
        while context.store.tenant(tenant).write(some).await? {}
    }
    Ok(())
}
