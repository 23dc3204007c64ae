use weft_auth::Principal;
use weft_domain::Result;
use weft_proto::directory::v1::{GetTeamRequest, Team};

use super::lookup;
use crate::{directory::Directory, store::teams};

/// Shows a team of the caller's tenant.
pub(crate) async fn run(directory: &Directory, caller: &Principal, request: &GetTeamRequest) -> Result<Team> {
    let team = lookup::team(&request.id)?;
    let show = |tx| async move {
        let row = teams::get(&tx, team).await?;
        teams::shown(&tx, &row).await
    };
    directory.scope(caller.tenant).read(show).await
}
