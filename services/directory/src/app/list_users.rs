use weft_auth::Principal;
use weft_domain::Result;
use weft_proto::directory::v1::{ListUsersRequest, ListUsersResponse, User};
use weft_store::page;

use crate::{directory::Directory, store::people};

/// The people of the caller's tenant, the oldest first.
pub(crate) async fn run(
    directory: &Directory,
    caller: &Principal,
    request: &ListUsersRequest,
) -> Result<ListUsersResponse> {
    let size = page::size(request.page_size)?;
    let after = page::decode(&request.page_token)?;
    let scope = directory.scope(caller.tenant);
    let rows = scope.read(|tx| async move { people::page(&tx, after, size + 1).await }).await?;
    let (rows, next_page_token) = page::cut(rows, size, |row| row.id)?;
    Ok(ListUsersResponse { items: rows.into_iter().map(User::from).collect(), next_page_token })
}
