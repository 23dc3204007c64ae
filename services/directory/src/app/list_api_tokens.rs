use weft_auth::Principal;
use weft_domain::Result;
use weft_proto::directory::v1::{ApiToken, ListApiTokensRequest, ListApiTokensResponse};
use weft_store::page;

use crate::{directory::Directory, store::api_tokens};

/// The tenant's tokens, the oldest first, revoked ones too.
pub(crate) async fn run(
    directory: &Directory,
    caller: &Principal,
    request: &ListApiTokensRequest,
) -> Result<ListApiTokensResponse> {
    let size = page::size(request.page_size)?;
    let after = page::decode(&request.page_token)?;
    let scope = directory.scope(caller.tenant);
    let rows = scope.read(|tx| async move { api_tokens::page(&tx, after, size + 1).await }).await?;
    let (rows, next_page_token) = page::cut(rows, size, |row| row.id)?;
    Ok(ListApiTokensResponse { items: rows.into_iter().map(ApiToken::from).collect(), next_page_token })
}
