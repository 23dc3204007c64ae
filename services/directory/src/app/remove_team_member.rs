use weft_auth::Principal;
use weft_domain::Result;
use weft_proto::{
    Intent,
    directory::v1::{RemoveTeamMemberRequest, Team},
};
use weft_store::{Once, Tx};

use super::lookup;
use crate::{
    directory::Directory,
    store::{people, teams},
};

/// Somebody is a member no longer; again changes nothing.
pub(crate) async fn run(
    directory: &Directory,
    caller: &Principal,
    request: &RemoveTeamMemberRequest,
    intent: &Intent,
) -> Result<Once<Team>> {
    let (team, user) = (lookup::team(&request.id)?, lookup::user(&request.user_id)?.uuid());
    let remove = |tx: Tx| async move {
        let row = teams::get_locked(&tx, team).await?;
        people::get(&tx, user).await?;
        match teams::remove(&tx, team, user).await? {
            true => teams::change(&tx, row).await,
            false => teams::shown(&tx, &row).await,
        }
    };
    directory.scope(caller.tenant).write_once(intent, remove).await
}
