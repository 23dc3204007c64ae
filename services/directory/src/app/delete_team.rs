use weft_auth::Principal;
use weft_domain::Result;
use weft_proto::{Intent, directory::v1::DeleteTeamRequest};
use weft_store::{Once, Tx};

use super::lookup;
use crate::{directory::Directory, store::teams};

/// Deletes a team; the people in it stay.
pub(crate) async fn run(
    directory: &Directory,
    caller: &Principal,
    request: &DeleteTeamRequest,
    intent: &Intent,
) -> Result<Once<()>> {
    let team = lookup::team(&request.id)?;
    let delete = |tx: Tx| async move {
        let row = teams::get_locked(&tx, team).await?;
        teams::delete(&tx, row).await
    };
    directory.scope(caller.tenant).write_once(intent, delete).await
}
