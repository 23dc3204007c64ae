use weft_domain::{Result, id};
use weft_proto::media::v1::{DescribeFilesRequest, DescribeFilesResponse};

use super::{
    Media,
    file::{ids, show},
};
use crate::store::file;

/// Shows those of the files that there are, in the order asked for.
pub(crate) async fn run(media: &Media, request: &DescribeFilesRequest) -> Result<DescribeFilesResponse> {
    let tenant = id::parse("tenant_id", &request.tenant_id)?;
    let wanted = ids(&request.ids)?;
    let asked = wanted.clone();
    let rows = media.store.tenant(tenant).read(|tx| async move { file::find_all(&tx, asked).await }).await?;
    let items =
        wanted.iter().filter_map(|id| rows.iter().find(|kept| kept.file.id == *id)).map(show).collect();
    Ok(DescribeFilesResponse { items })
}
