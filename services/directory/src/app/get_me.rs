use weft_auth::Principal;
use weft_domain::Result;
use weft_proto::directory::v1::Me;

use crate::{
    directory::Directory,
    store::{people, tenants},
};

/// Who is calling and what they may do.
pub(crate) async fn run(directory: &Directory, caller: &Principal) -> Result<Me> {
    let person = caller.user().uuid();
    let scope = directory.scope(caller.tenant);
    let (user, tenant) = scope
        .read(|tx| async move { Ok((people::get(&tx, person).await?, tenants::own(&tx).await?)) })
        .await?;
    let permissions = caller.permissions().into_iter().map(str::to_owned).collect();
    Ok(Me { user: Some(user.into()), tenant: Some(tenant.into()), permissions })
}
