use weft_auth::Principal;
use weft_domain::Result;
use weft_proto::directory::v1::{ListTenantsRequest, ListTenantsResponse, Tenant};
use weft_store::page;

use super::get_tenant::is_operator;
use crate::{directory::Directory, store::tenants};

/// The tenants the caller may see: an operator all, anybody else their own.
pub(crate) async fn run(
    directory: &Directory,
    caller: &Principal,
    request: &ListTenantsRequest,
) -> Result<ListTenantsResponse> {
    let size = page::size(request.page_size)?;
    let after = page::decode(&request.page_token)?;
    if !is_operator(caller) {
        let own = directory.scope(caller.tenant).read(|tx| async move { tenants::own(&tx).await }).await?;
        return Ok(ListTenantsResponse { items: vec![own.into()], next_page_token: String::new() });
    }
    let rows = tenants::page(&directory.store, after, size + 1).await?;
    let (rows, next_page_token) = page::cut(rows, size, |row| row.id)?;
    Ok(ListTenantsResponse { items: rows.into_iter().map(Tenant::from).collect(), next_page_token })
}
