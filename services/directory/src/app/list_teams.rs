use weft_auth::Principal;
use weft_domain::Result;
use weft_proto::directory::v1::{ListTeamsRequest, ListTeamsResponse};
use weft_store::page;

use crate::{directory::Directory, store::teams};

/// The teams of the caller's tenant, by their names.
pub(crate) async fn run(
    directory: &Directory,
    caller: &Principal,
    request: &ListTeamsRequest,
) -> Result<ListTeamsResponse> {
    let size = page::size(request.page_size)?;
    let after = &page::decode(&request.page_token)?;
    let list = |tx| async move {
        let rows = teams::page(&tx, after.clone(), size + 1).await?;
        let (rows, next_page_token) = page::cut(rows, size, |row| (row.name_folded.clone(), row.id))?;
        let members = teams::members(&tx, rows.iter().map(|row| row.id).collect()).await?;
        let of = |id| members.get(id).map(Vec::as_slice).unwrap_or_default();
        let items = rows.iter().map(|row| row.shown(of(&row.id))).collect();
        Ok(ListTeamsResponse { items, next_page_token })
    };
    directory.scope(caller.tenant).read(list).await
}
