use weft_auth::Principal;
use weft_domain::Result;
use weft_proto::{Intent, directory::v1::RevokeApiTokenRequest};
use weft_store::Once;

use super::lookup;
use crate::{directory::Directory, store::api_tokens};

/// Revokes a token at once, everywhere.
pub(crate) async fn run(
    directory: &Directory,
    caller: &Principal,
    request: &RevokeApiTokenRequest,
    intent: &Intent,
) -> Result<Once<()>> {
    let token = lookup::token(&request.id)?;
    let scope = directory.scope(caller.tenant);
    scope.write_once(intent, |tx| async move { api_tokens::revoke(&tx, token).await }).await
}
