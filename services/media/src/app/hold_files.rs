use weft_domain::{Result, id};
use weft_proto::media::v1::{HoldFilesRequest, HoldFilesResponse};

use super::{Media, file::ids};
use crate::store::{file, hold};

/// Notes that something needs files.
pub(crate) async fn run(media: &Media, request: &HoldFilesRequest) -> Result<HoldFilesResponse> {
    let tenant = id::parse("tenant_id", &request.tenant_id)?;
    let wanted = &ids(&request.ids)?;
    let holder = request.holder.as_str();
    let hold = |tx: weft_store::Tx| async move {
        let rows = file::find_locked(&tx, wanted.clone()).await?;
        let there: Vec<_> = rows.iter().map(|row| row.id).collect();
        hold::add(&tx, &there, holder).await?;
        Ok(there)
    };
    let there = media.store.tenant(tenant).write(hold).await?;
    Ok(HoldFilesResponse {
        ids: there.into_iter().map(|id| id::from_uuid::<id::File>(id).to_string()).collect(),
    })
}
