use weft_domain::{Result, TenantId};
use weft_proto::media::v1::Storage;

use super::Media;
use crate::store::usage;

/// Shows how much the tenant's files take.
pub(crate) async fn run(media: &Media, tenant: TenantId) -> Result<Storage> {
    let usage = media.store.tenant(tenant).read(|tx| async move { usage::get(&tx).await }).await?;
    Ok(Storage { files: usage.files, bytes: usage.bytes, quota_bytes: media.quota_bytes })
}
