//! What was there before the search becomes findable, bit by bit, the newest first. Replicas that do the same bit change nothing.

use std::collections::{BTreeMap, HashSet};

use uuid::Uuid;
use weft_domain::{Result, id};
use weft_store::Purpose;

use crate::{
    Context, index,
    store::search::{self, Kind},
};

/// So many things are made findable in one transaction.
const AT_ONCE: u64 = 500;
/// So many steps are made before the others have their turn.
const STEPS: usize = 20;

/// Goes on where it stopped. Two queries when nothing is left.
pub(crate) async fn run(context: &Context) -> Result<()> {
    for kind in [Kind::Message, Kind::Contact] {
        for _ in 0..STEPS {
            if !step(context, kind).await? {
                break;
            }
        }
    }
    Ok(())
}

/// It answers whether something may be left.
async fn step(context: &Context, kind: Kind) -> Result<bool> {
    let mut progress = search::progress(&context.store, kind).await?;
    if progress.done {
        return Ok(false);
    }
    let system = context.store.system(Purpose::FindLapsed).await?;
    let next = search::older(&system, kind, (progress.last_tenant, progress.last_id), AT_ONCE).await?;
    drop(system);
    let mut by_tenant: BTreeMap<Uuid, HashSet<Uuid>> = BTreeMap::new();
    for one in &next {
        by_tenant.entry(one.tenant_id).or_default().insert(one.id);
    }
    for (tenant, ids) in &by_tenant {
        index::follow(context, id::from_uuid(*tenant), kind, ids, true).await?;
    }
    if let Some(last) = next.last() {
        (progress.last_tenant, progress.last_id) = (last.tenant_id, last.id);
    }
    progress.done = u64::try_from(next.len()).is_ok_and(|count| count < AT_ONCE);
    search::note_progress(&context.store, progress.clone()).await?;
    Ok(!progress.done)
}
