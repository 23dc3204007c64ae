use weft_auth::Principal;
use weft_domain::Result;
use weft_proto::directory::v1::{GetUserRequest, User};

use super::lookup;
use crate::{directory::Directory, store::people};

/// Shows a person of the caller's tenant.
pub(crate) async fn run(directory: &Directory, caller: &Principal, request: &GetUserRequest) -> Result<User> {
    let person = lookup::user(&request.id)?.uuid();
    let scope = directory.scope(caller.tenant);
    scope.read(|tx| async move { people::get(&tx, person).await }).await.map(User::from)
}
