use weft_domain::{Error, Result, id};
use weft_proto::media::v1::{DescribeFilesRequest, DescribeFilesResponse};

use super::{Media, file::show};
use crate::store::file;

const MOST: usize = 500;

/// Shows those of the files that there are, in the order asked for.
pub(crate) async fn run(media: &Media, request: &DescribeFilesRequest) -> Result<DescribeFilesResponse> {
    let tenant = id::parse("tenant_id", &request.tenant_id)?;
    if request.ids.len() > MOST {
        return Err(Error::invalid_field("ids", format!("`ids` must be at most {MOST}")));
    }
    let wanted: Vec<_> = request
        .ids
        .iter()
        .filter_map(|text| id::parse_lookup::<id::File>(text).ok())
        .map(|id| id.uuid())
        .collect();
    let asked = wanted.clone();
    let rows = media.store.tenant(tenant).read(|tx| async move { file::find_all(&tx, asked).await }).await?;
    let items = wanted.iter().filter_map(|id| rows.iter().find(|row| row.id == *id)).map(show).collect();
    Ok(DescribeFilesResponse { items })
}
