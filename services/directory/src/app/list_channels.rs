use weft_auth::Principal;
use weft_domain::Result;
use weft_proto::directory::v1::{ListChannelsRequest, ListChannelsResponse};
use weft_store::page;

use crate::{directory::Directory, store::channels};

/// The tenant's channels, the oldest first.
pub(crate) async fn run(
    directory: &Directory,
    caller: &Principal,
    request: &ListChannelsRequest,
) -> Result<ListChannelsResponse> {
    let size = page::size(request.page_size)?;
    let after = page::decode(&request.page_token)?;
    let kind = request.kind.as_deref().filter(|kind| !kind.is_empty());
    let scope = directory.scope(caller.tenant);
    let rows = scope.read(|tx| async move { channels::page(&tx, kind, after, size + 1).await }).await?;
    let (rows, next_page_token) = page::cut(rows, size, |row| row.id)?;
    let (public_url, now) = (&directory.config.public_url, directory.now());
    let items = rows.iter().map(|row| row.shown(public_url, now)).collect::<Result<_>>()?;
    Ok(ListChannelsResponse { items, next_page_token })
}
