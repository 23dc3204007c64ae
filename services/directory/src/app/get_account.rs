use weft_domain::Result;
use weft_proto::directory::v1::{Account, GetAccountRequest};

use super::lookup;
use crate::{directory::Directory, store::channels};

/// An account with its secrets, for its adapter.
pub(crate) async fn run(directory: &Directory, request: &GetAccountRequest) -> Result<Account> {
    let channel = lookup::channel(&request.channel_id)?;
    let tenant = channels::tenant_of(&directory.store, channel).await?;
    let scope = directory.scope(tenant);
    scope
        .read(|tx| async move {
            let row = channels::get(&tx, channel).await?;
            channels::account(&tx, &row).await
        })
        .await
}
