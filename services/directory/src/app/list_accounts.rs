use weft_domain::{Result, TenantId, id};
use weft_proto::directory::v1::{Account, ListAccountsRequest, ListAccountsResponse};

use crate::{
    directory::Directory,
    store::{channels, channels::Model},
};

/// All enabled accounts of a kind with their secrets, for the adapter that starts.
pub(crate) async fn run(
    directory: &Directory,
    request: &ListAccountsRequest,
) -> Result<ListAccountsResponse> {
    let rows = channels::enabled_of_kind(&directory.store, &request.kind).await?;
    let mut items = Vec::with_capacity(rows.len());
    for of_tenant in rows.chunk_by(|one, other| one.tenant_id == other.tenant_id) {
        let Some(first) = of_tenant.first() else { continue };
        items.extend(open(directory, id::from_uuid(first.tenant_id), of_tenant).await?);
    }
    Ok(ListAccountsResponse { items })
}

async fn open(directory: &Directory, tenant: TenantId, rows: &[Model]) -> Result<Vec<Account>> {
    let scope = directory.scope(tenant);
    scope
        .read(|tx| async move {
            let mut accounts = Vec::with_capacity(rows.len());
            for row in rows {
                accounts.push(channels::account(&tx, row).await?);
            }
            Ok(accounts)
        })
        .await
}
