use weft_crypto::token;
use weft_domain::{Error, Result, id};
use weft_proto::directory::v1::{ExchangeApiTokenRequest, Tokens};

use super::issue_tokens;
use crate::{
    directory::Directory,
    store::{api_tokens, people},
};

/// The kind of token that programs call the API with.
pub(crate) const KIND: &str = "api";

/// Trades an API token for a short-lived access token with what its creator may do of it now.
pub(crate) async fn run(directory: &Directory, request: ExchangeApiTokenRequest) -> Result<Tokens> {
    let secret = token::parse(&request.token).ok().filter(|secret| secret.kind() == KIND);
    let secret = secret.ok_or_else(|| refused("this is no API token: it is mistyped or cut"))?;
    let found = api_tokens::resolve(&directory.store, secret.hash()).await?;
    let row = found.ok_or_else(|| refused("the API token is not valid"))?;
    row.require_live(directory.now())?;
    let tenant = id::from_uuid(row.tenant_id);
    let created_by = row.created_by;
    let creator =
        directory.scope(tenant).read(|tx| async move { people::get(&tx, created_by).await }).await?;
    if creator.disabled {
        return Err(refused("who made this API token is disabled"));
    }
    directory.token_use.note(tenant, row.id, directory.now());
    issue_tokens::for_api_token(directory, &row, &creator)
}

fn refused(words: &str) -> Error {
    Error::unauthenticated("invalid_token", words)
}
