use std::{collections::HashMap, sync::Arc};

use tokio_util::sync::CancellationToken;
use weft_domain::{Error, Result, TenantId};
use weft_proto::compliance::v1::Checkpoint;

use crate::{
    chain::{
        checkpoint::{sign, vouched},
        peaks::Peaks,
    },
    compliance::Compliance,
    metering,
    store::{checkpoints, entries},
};

/// Hashes that are read at once.
const AT_ONCE: u64 = 5_000;

/// Writes a checkpoint of each log that has grown: at once, then when time or enough entries have passed, and at the end.
pub(crate) async fn run(compliance: Arc<Compliance>, stop: CancellationToken) {
    let mut written = HashMap::new();
    loop {
        if let Err(error) = write_all(&compliance, &mut written).await {
            tracing::error!(error = &error as &dyn std::error::Error, "checkpoints were not written");
        }
        if stop.is_cancelled() {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(compliance.config.checkpoint_every()) => {}
            () = compliance.checkpoint_due.notified() => {}
            () = stop.cancelled() => {}
        }
    }
}

/// One tenant's trouble is not another's.
async fn write_all(compliance: &Compliance, written: &mut HashMap<TenantId, Peaks>) -> Result<()> {
    for (tenant, size) in entries::sizes(&compliance.store).await? {
        if written.get(&tenant).is_some_and(|tree| tree.size() == size) {
            continue;
        }
        if let Err(error) = write(compliance, tenant, size, written).await {
            metering::checkpoint_failed(error.reason());
            tracing::error!(tenant.id = %tenant, error = &error as &dyn std::error::Error, "no checkpoint");
        }
    }
    Ok(())
}

async fn write(
    compliance: &Compliance,
    tenant: TenantId,
    size: u64,
    written: &mut HashMap<TenantId, Peaks>,
) -> Result<()> {
    let mut tree = match written.get(&tenant) {
        Some(tree) => tree.clone(),
        None => resume(compliance, tenant).await?,
    };
    if tree.size() > size {
        let words = format!("the log has {size} entries, and a checkpoint vouches for {}", tree.size());
        return Err(Error::precondition("audit_log_shortened", words));
    }
    if tree.size() < size {
        grow(compliance, tenant, &mut tree, size).await?;
        let made = sign(&compliance.signing_key, tenant, &tree, compliance.store.clock().now());
        compliance.outside.append(tenant, &made).await?;
        let (scope, kept) = (compliance.store.tenant(tenant), &made);
        scope.write(|tx| async move { checkpoints::insert(&tx, kept).await }).await?;
        metering::checkpoint_written();
    }
    written.insert(tenant, tree);
    Ok(())
}

/// The tree as the last checkpoint outside left it: the database may have been rewritten since, so it is not asked.
async fn resume(compliance: &Compliance, tenant: TenantId) -> Result<Peaks> {
    let Some(last) = compliance.outside.last(tenant).await? else { return Ok(Peaks::default()) };
    let keys = [hex::encode(compliance.signing_key.public())];
    let ours = |last: &Checkpoint| {
        let root = vouched(last, &keys)?;
        Peaks::resume(last.size, &last.peaks).ok().filter(|tree| tree.root() == root)
    };
    // One that we did not sign, after another key or a stranger's hand: the tree is built anew from all entries.
    Ok(ours(&last).unwrap_or_default())
}

async fn grow(compliance: &Compliance, tenant: TenantId, tree: &mut Peaks, size: u64) -> Result<()> {
    let scope = compliance.store.tenant(tenant);
    while tree.size() < size {
        let (after, most) = (tree.size(), AT_ONCE.min(size - tree.size()));
        let hashes = scope.read(|tx| async move { entries::hashes(&tx, after, most).await }).await?;
        for (seq, hash) in hashes {
            if seq != tree.size() + 1 {
                let words = format!("entry {} is missing from the log", tree.size() + 1);
                return Err(Error::precondition("audit_log_broken", words));
            }
            tree.push(&hash);
        }
        if tree.size() == after {
            let words = format!("entry {} is missing from the log", after + 1);
            return Err(Error::precondition("audit_log_broken", words));
        }
    }
    Ok(())
}
