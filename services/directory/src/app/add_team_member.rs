use std::collections::BTreeSet;

use weft_auth::Principal;
use weft_domain::Result;
use weft_proto::{
    Intent,
    directory::v1::{AddTeamMemberRequest, Team},
};
use weft_store::{Once, Tx};

use super::{
    create_team::{MOST_MEMBERS, too_many_members},
    lookup,
};
use crate::{
    directory::Directory,
    store::{people, teams},
};

/// Makes somebody a member; again changes nothing.
pub(crate) async fn run(
    directory: &Directory,
    caller: &Principal,
    request: &AddTeamMemberRequest,
    intent: &Intent,
) -> Result<Once<Team>> {
    let (team, user) = (lookup::team(&request.id)?, lookup::user(&request.user_id)?.uuid());
    let add = |tx: Tx| async move {
        let row = teams::get_locked(&tx, team).await?;
        people::get(&tx, user).await?;
        if !teams::add(&tx, team, &BTreeSet::from([user])).await? {
            return teams::shown(&tx, &row).await;
        }
        let shown = teams::change(&tx, row).await?;
        if shown.members.len() > MOST_MEMBERS { Err(too_many_members()) } else { Ok(shown) }
    };
    directory.scope(caller.tenant).write_once(intent, add).await
}
