use std::{sync::Arc, time::Duration};

use futures::{StreamExt as _, stream};
use tokio_util::sync::CancellationToken;
use weft_domain::{Result, id};
use weft_store::Purpose;

use crate::{
    app::{Media, look_into},
    store::work,
};

/// Polling is the guarantee, the wake-up only makes it fast (TX-4).
const POLL: Duration = Duration::from_secs(2);
const BATCH: u64 = 32;

/// Looks into files as they come, until `stop`.
pub(crate) async fn run(media: Arc<Media>, at_once: usize, stop: CancellationToken) -> Result<()> {
    while !stop.is_cancelled() {
        match look_into_due(&media, at_once, &stop).await {
            Ok(found) if found >= BATCH => continue,
            Ok(_) => {}
            Err(error) => tracing::warn!(error = %error, "files wait to be looked into"),
        }
        tokio::select! {
            () = media.come.notified() => {}
            () = tokio::time::sleep(POLL) => {}
            () = stop.cancelled() => {}
        }
    }
    Ok(())
}

async fn look_into_due(media: &Media, at_once: usize, stop: &CancellationToken) -> Result<u64> {
    let system = media.store.system(Purpose::FindLapsed).await?;
    let due = work::due(&system, media.clock.now(), BATCH).await?;
    drop(system);
    let found = u64::try_from(due.len()).unwrap_or(u64::MAX);
    stream::iter(due)
        .for_each_concurrent(at_once.max(1), |blob| async move {
            let tenant = id::from_uuid(blob.tenant_id);
            if stop.is_cancelled() {
                return;
            }
            if let Err(error) = look_into::run(media, tenant, &blob.sha256).await {
                tracing::warn!(tenant.id = %tenant, error = %error, "a file waits to be looked into");
            }
        })
        .await;
    Ok(found)
}
