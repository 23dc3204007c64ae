use uuid::Uuid;
use weft_domain::{Result, TenantId};
use weft_store::Tx;

use super::Media;
use crate::store::{blob, file, upload, variant};

/// Removes the bytes at those of these locations that no row names. A location is used once: what has no row now, and is
/// not about to get one, never has one again.
pub(crate) async fn run(media: &Media, tenant: TenantId, locations: Vec<Uuid>) -> Result<()> {
    if locations.is_empty() {
        return Ok(());
    }
    let asked = locations.clone();
    let named = media.store.tenant(tenant).read(|tx| async move { named(&tx, asked).await }).await?;
    for location in locations.into_iter().filter(|location| !named.contains(location)) {
        media.blobs.remove(tenant, location).await?;
        tracing::debug!(tenant.id = %tenant, location = %location, "bytes without a file removed");
    }
    Ok(())
}

/// Like [`run`] after the rows went: what cannot be removed now is found by `sweep_leftovers`.
pub(crate) async fn after_commit(media: &Media, tenant: TenantId, locations: Vec<Uuid>) {
    if let Err(error) = run(media, tenant, locations).await {
        tracing::warn!(tenant.id = %tenant, error = %error, "bytes without a file stay for now");
    }
}

async fn named(tx: &Tx, locations: Vec<Uuid>) -> Result<Vec<Uuid>> {
    let mut named = blob::at(tx, locations.clone()).await?;
    named.extend(variant::at(tx, locations.clone()).await?);
    named.extend(upload::at(tx, locations.clone()).await?);
    // what an older release stored has no blob
    let files = file::find_all(tx, locations).await?;
    named.extend(files.iter().filter(|kept| kept.blob.is_none()).map(|kept| kept.file.id));
    Ok(named)
}
