use weft_auth::Principal;
use weft_domain::Result;
use weft_proto::directory::v1::{Channel, GetChannelRequest};

use super::lookup;
use crate::{directory::Directory, store::channels};

/// Shows a channel, without its secrets.
pub(crate) async fn run(
    directory: &Directory,
    caller: &Principal,
    request: &GetChannelRequest,
) -> Result<Channel> {
    let channel = lookup::channel(&request.id)?;
    let scope = directory.scope(caller.tenant);
    let row = scope.read(|tx| async move { channels::get(&tx, channel).await }).await?;
    row.shown(&directory.config.public_url, directory.now())
}
