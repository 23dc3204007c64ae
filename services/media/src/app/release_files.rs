use uuid::Uuid;
use weft_domain::{Result, id};
use weft_proto::media::v1::{ReleaseFilesRequest, ReleaseFilesResponse};
use weft_store::Tx;

use super::{Media, collect, file::ids, let_go};
use crate::store::{file, hold};

/// Lets go of files, and deletes those that nothing holds any longer.
pub(crate) async fn run(media: &Media, request: &ReleaseFilesRequest) -> Result<ReleaseFilesResponse> {
    let tenant = id::parse("tenant_id", &request.tenant_id)?;
    let (wanted, holder) = (&ids(&request.ids)?, request.holder.as_str());
    let scope = media.store.tenant(tenant);
    let gone = scope.write(|tx| async move { release(&tx, wanted.clone(), holder).await }).await?;
    let (ids, places): (Vec<_>, Vec<_>) = gone.into_iter().unzip();
    collect::after_commit(media, tenant, places.concat()).await;
    let deleted_ids = ids.into_iter().map(|id| id::from_uuid::<id::File>(id).to_string()).collect();
    Ok(ReleaseFilesResponse { deleted_ids })
}

/// The files that went, and where what they had is.
async fn release(tx: &Tx, wanted: Vec<Uuid>, holder: &str) -> Result<Vec<(Uuid, Vec<Uuid>)>> {
    let held = hold::of(tx, holder).await?;
    let released: Vec<_> =
        held.into_iter().filter(|file| wanted.is_empty() || wanted.contains(file)).collect();
    let rows = file::find_locked(tx, released.clone()).await?;
    let kept = file::find_all(tx, released.clone()).await?;
    for file in released {
        hold::remove(tx, file, holder).await?;
    }
    let (mut free, mut gone) = (Vec::new(), Vec::new());
    for row in rows {
        if !hold::any(tx, row.id).await? {
            let places = match kept.iter().find(|kept| kept.file.id == row.id) {
                Some(kept) => file::places(tx, kept).await?,
                None => Vec::new(),
            };
            gone.push((row.id, places));
            free.push(row);
        }
    }
    let_go::run(tx, free).await?;
    Ok(gone)
}
