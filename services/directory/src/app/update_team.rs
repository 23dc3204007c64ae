use weft_auth::Principal;
use weft_domain::Result;
use weft_proto::{
    Intent,
    directory::v1::{Team, UpdateTeamRequest},
};
use weft_store::{Once, Tx};

use super::{create_team::named, lookup};
use crate::{directory::Directory, store::teams};

/// Changes a team's name or description.
pub(crate) async fn run(
    directory: &Directory,
    caller: &Principal,
    request: &UpdateTeamRequest,
    intent: &Intent,
) -> Result<Once<Team>> {
    let team = lookup::team(&request.id)?;
    let name = &request.name.as_deref().map(named).transpose()?;
    let update = |tx: Tx| async move {
        let before = teams::get_locked(&tx, team).await?;
        let mut row = before.clone();
        if let Some(name) = name {
            row.name.clone_from(name);
            row.name_folded = teams::folded(name);
        }
        if let Some(description) = &request.description {
            description.trim().clone_into(&mut row.description);
        }
        if row == before { teams::shown(&tx, &row).await } else { teams::change(&tx, row).await }
    };
    directory.scope(caller.tenant).write_once(intent, update).await
}
