use chrono::TimeDelta;
use weft_domain::{Result, id};
use weft_store::Store;

use super::by_tenant;
use crate::store::{channel_log, channels};

/// How long lines are kept.
const KEPT: TimeDelta = TimeDelta::days(7);
/// Lines that go in one transaction.
const AT_ONCE: u64 = 1000;
/// Transactions of one run; what is left goes with the next.
const STEPS: usize = 1000;

/// Forgets lines of channel logs that are old, and secrets that nothing is signed with any more.
pub(crate) async fn run(store: &Store) -> Result<()> {
    let now = store.clock().now();
    for channel in channels::with_lapsed_secrets(store, now).await? {
        let scope = store.tenant(id::from_uuid(channel.tenant_id));
        scope.write(|tx| async move { channels::forget_previous(&tx, channel.id, now).await }).await?;
    }
    for _ in 0..STEPS {
        let old = channel_log::older_than(store, now - KEPT, AT_ONCE).await?;
        if old.is_empty() {
            break;
        }
        for (tenant, lines) in by_tenant(old.into_iter().map(|line| (line.tenant_id, line.id))) {
            let gone = &lines;
            let scope = store.tenant(id::from_uuid(tenant));
            scope.write(|tx| async move { channel_log::delete(&tx, gone).await }).await?;
        }
    }
    Ok(())
}
